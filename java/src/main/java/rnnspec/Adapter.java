package rnnspec;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;

/** The process through which a conformance suite drives this runtime (SPEC section 17.1). */
public final class Adapter {
    private static final List<String> FEATURES =
            List.of(
                    """
                    json msgpack float16 extensions try_anyway byte token embedding one_hot elman \
                    lstm gru dense affine activations softmax log_softmax final last_step \
                    initial_state lengths state saved_state step decoding top_k_top_p functions \
                    convert selftest \
                    bfloat16 int8 inputs layer_norm add multiply concat clip cell_clip peephole \
                    coupled projection reverse bidirectional time_reverse probe state_given ctc"""
                            .split(" "));

    /** The lines of the protocol are ours to trust: a document in one is a long string. */
    private static final Limits PROTOCOL =
            new Limits(
                    Integer.MAX_VALUE,
                    64,
                    Integer.MAX_VALUE,
                    1024,
                    Integer.MAX_VALUE,
                    Integer.MAX_VALUE,
                    0,
                    0,
                    false);

    private static final int KEPT = 4;

    /** A request that makes no sense. */
    private static final class BadRequest extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BadRequest(String message) {
            super(message);
        }
    }

    /** A model and its plan. */
    private record Compiled(Model model, Plan plan) {}

    /** The last few documents by their base64: a suite sends the same one many times. */
    private final Map<String, Compiled> kept =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Compiled> eldest) {
                    return size() > KEPT;
                }
            };

    private Adapter() {}

    /**
     * Answers the requests on standard input, line by line, until one says stop.
     *
     * @param arguments none
     * @throws IOException if standard input or output breaks
     */
    public static void main(String[] arguments) throws IOException {
        Adapter adapter = new Adapter();
        InputStream in = new BufferedInputStream(System.in, 1 << 16);
        PrintStream out = System.out;
        for (byte[] line = readLine(in); line != null; line = readLine(in)) {
            Map<String, Object> answer = new LinkedHashMap<>();
            boolean isStop = false;
            try {
                Map<String, Object> request = parse(line);
                answer.put("seq", request.get("seq"));
                isStop = "stop".equals(request.get("command"));
                answer.put("result", adapter.answer(request));
            } catch (RnnspecException found) {
                answer.put("error", Map.of("code", found.code()));
            } catch (RuntimeException fault) {
                answer.put("error", Map.of("message", String.valueOf(fault)));
            }
            out.write(JsonWriter.line(answer));
            out.flush();
            if (isStop) {
                return;
            }
        }
    }

    /** The bytes up to the next line feed, or null at the end. */
    private static byte[] readLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int b = in.read();
        if (b < 0) {
            return null;
        }
        for (; b >= 0 && b != '\n'; b = in.read()) {
            line.write(b);
        }
        return line.toByteArray();
    }

    private static Map<String, Object> parse(byte[] line) {
        int first = 0;
        while (first < line.length && JsonReader.isWhite(line[first])) {
            first++;
        }
        if (first == line.length
                || line[first] != '{'
                || Utf8.firstIllFormed(line, 0, line.length) >= 0) {
            throw new BadRequest("not a line of JSON");
        }
        try {
            return JsonReader.read(line, PROTOCOL);
        } catch (RnnspecException fault) {
            throw new BadRequest(fault.getMessage());
        }
    }

    private Map<String, Object> answer(Map<String, Object> request) {
        String command = String.valueOf(request.get("command"));
        return switch (command) {
            case "start" -> start(request);
            case "validate" -> AdapterFiles.validate(request);
            case "run" -> run(request);
            case "decode" -> decode(request);
            case "ctc" -> ctc(request);
            case "evaluate" -> evaluate(request);
            case "convert" -> AdapterFiles.convert(compiled(request).model(), request);
            case "selftest" -> selftest(request);
            case "encode" -> encode(request);
            case "text" -> decodeText(request);
            case "read_state" -> AdapterFiles.readState(request);
            case "write_state" -> AdapterFiles.writeState(request);
            case "stop" -> Map.of();
            default -> throw new BadRequest("unknown command " + command);
        };
    }

    private static Map<String, Object> start(Map<String, Object> request) {
        if (!(get(request, "protocol", Double.class) == 1)) {
            throw new BadRequest("this adapter speaks protocol 1");
        }
        return DocumentWriter.members(
                "name",
                "rnnspec-java",
                "version",
                Rnnspec.VERSION,
                "language",
                "java",
                "formats",
                List.of(Model.FORMAT),
                "classes",
                List.of("player", "validator", "complete"),
                "levels",
                List.of("exact"),
                "features",
                FEATURES);
    }

    private Map<String, Object> run(Map<String, Object> request) {
        Plan plan = compiled(request).plan();
        List<String> probe =
                request.get("probe") instanceof List<?> names
                        ? names.stream().map(String.class::cast).toList()
                        : null;
        boolean isStep = "step".equals(request.get("interface"));
        if (isStep) {
            Arguments.checkForward(plan);
        }
        AdapterRun run = new AdapterRun(plan, isStep, state(request), probe);
        List<Object> chunks = new ArrayList<>();
        for (Object chunk : get(request, "chunks", List.class)) {
            chunks.add(run.chunk((Map<?, ?>) chunk));
        }
        return Map.of("chunks", chunks);
    }

    private static State state(Map<String, Object> request) {
        Object given = request.get("state");
        return given == null ? null : AdapterArrays.state(given);
    }

    private Map<String, Object> ctc(Map<String, Object> request) {
        Plan plan = compiled(request).plan();
        Object lengths = request.get("lengths");
        int[] valid = lengths == null ? null : integers(lengths);
        Integer blank = optional(request, "blank");
        State state = state(request);
        List<Decoding.Labels> rows =
                request.get("input") instanceof List<?> ids
                        ? Decoding.ctc(plan, AdapterArrays.ids(ids), valid, state, blank)
                        : Decoding.ctc(
                                plan,
                                AdapterArrays.array(request.get("input")),
                                valid,
                                state,
                                blank);
        return DocumentWriter.members(
                "ids",
                rows.stream().map(Decoding.Labels::ids).toList(),
                "text",
                rows.stream().map(Decoding.Labels::text).toList());
    }

    private Map<String, Object> decode(Map<String, Object> request) {
        Plan plan = compiled(request).plan();
        Object seed = request.get("seed");
        Decoding.Options options =
                new Decoding.Options(
                        optional(request, "count"),
                        (String) request.get("mode"),
                        (Double) request.get("temperature"),
                        optional(request, "top_k"),
                        (Double) request.get("top_p"),
                        seed == null ? 0 : (long) whole(seed),
                        state(request));
        PrimitiveIterator.OfInt generation =
                request.get("prime") instanceof String text
                        ? Decoding.generate(plan, text, options)
                        : Decoding.generate(plan, integers(request.get("prime")), options);
        IntStream.Builder all = IntStream.builder();
        generation.forEachRemaining((int id) -> all.add(id));
        int[] ids = all.build().toArray();
        return DocumentWriter.members(
                "ids", list(ids), "text", Decoding.vocabulary(plan).decode(ids));
    }

    private Vocabulary vocabulary(Map<String, Object> request) {
        String name = text(request, "vocabulary");
        Model.Vocabulary vocabulary = compiled(request).model().find(name);
        if (vocabulary == null) {
            throw new BadRequest("there is no vocabulary " + name);
        }
        return Vocabulary.of(vocabulary);
    }

    private Map<String, Object> encode(Map<String, Object> request) {
        return Map.of("ids", list(vocabulary(request).encode(text(request, "text"))));
    }

    private Map<String, Object> decodeText(Map<String, Object> request) {
        Vocabulary vocabulary = vocabulary(request);
        int[] ids = integers(request.get("ids"));
        if (!Boolean.TRUE.equals(request.get("stream"))) {
            return Map.of("text", vocabulary.decode(ids));
        }
        TextDecoder decoder = vocabulary.decoder();
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.piece(id));
        }
        return Map.of("text", text.append(decoder.end()).toString());
    }

    private static Map<String, Object> evaluate(Map<String, Object> request) {
        Tensor input = AdapterArrays.array(request.get("input"));
        float[] output = new float[input.size()];
        String function = String.valueOf(request.get("function"));
        for (int i = 0; i < output.length; i++) {
            float x = input.get(i);
            output[i] =
                    switch (function) {
                        case "exp" -> Activation.exp(x);
                        case "log" -> Activation.log(x);
                        case "tanh" -> Activation.tanh(x);
                        case "sigmoid" -> Activation.sigmoid(x);
                        default -> throw new BadRequest("unknown function " + function);
                    };
        }
        return Map.of("output", AdapterArrays.array(Tensor.wrap(output, input.shape())));
    }

    private Map<String, Object> selftest(Map<String, Object> request) {
        SelfTest.Result result = SelfTest.run(compiled(request).model());
        return DocumentWriter.members(
                "exact",
                result.exact(),
                "reference",
                result.reference(),
                "failed",
                result.failed());
    }

    private Compiled compiled(Map<String, Object> request) {
        String document = text(request, "document");
        Compiled compiled = kept.get(document);
        if (compiled == null) {
            Model model = Load.load(AdapterFiles.document(request));
            compiled = new Compiled(model, Plan.compile(model));
            kept.put(document, compiled);
        }
        return compiled;
    }

    static String text(Map<String, Object> request, String member) {
        return get(request, member, String.class);
    }

    private static List<Integer> list(int[] ids) {
        return IntStream.of(ids).boxed().toList();
    }

    /** An integer as {@link #integer} gives it, or null if it is absent. */
    private static Integer optional(Map<String, Object> request, String member) {
        return request.containsKey(member) ? integer(request.get(member)) : null;
    }

    private static <T> T get(Map<String, Object> request, String member, Class<T> type) {
        Object value = request.get(member);
        if (!type.isInstance(value)) {
            throw new BadRequest("no " + member + ", or not what it must be");
        }
        return type.cast(value);
    }

    /** A number, or −1, which is out of every range, if it is no integer. */
    private static double whole(Object value) {
        return value instanceof Double n && n == Math.rint(n) ? n : -1;
    }

    /** An integer, or −1, which is out of every range, if it is none or too large. */
    static int integer(Object value) {
        double n = whole(value);
        return n == (int) n ? (int) n : -1;
    }

    static int[] integers(Object list) {
        return ((List<?>) list).stream().mapToInt(Adapter::integer).toArray();
    }
}
