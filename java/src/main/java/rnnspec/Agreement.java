package rnnspec;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import rnnspec.Findings.Path;

/**
 * The agreement pass: whether the parts of a model fit each other (SPEC section 10).
 *
 * <p>A check whose operands are unknown because of another finding is not made; {@link #UNKNOWN}
 * stands for such a width.
 */
final class Agreement {
    private static final int UNKNOWN = Graph.UNKNOWN;

    /** How many widths a message names at most. */
    private static final int SHOWN = 20;

    private final Model model;
    private final Graph graph;
    private final References tensors;
    private final Findings findings;

    /** The recurrent layers by name; the first, where a name repeats. */
    private final Map<String, Model.Layer> recurrent = new LinkedHashMap<>();

    private Agreement(Model model, Map<String, StoredTensor> entries, Findings findings) {
        this.model = model;
        this.graph = new Graph(model);
        this.tensors = new References(entries, findings);
        this.findings = findings;
    }

    /**
     * Judges a model whose structure is right.
     *
     * @param model without its tensors
     * @return the tensors; all of them, if no error was found
     */
    static Map<String, Tensor> check(
            Model model, Map<String, StoredTensor> entries, Findings findings) {
        Agreement agreement = new Agreement(model, entries, findings);
        agreement.names();
        agreement.vocabularies();
        agreement.inputCounts();
        agreement.layers();
        Graph.Node last = agreement.graph.last();
        agreement.output(last.width());
        new ExampleAgreement(model, agreement.recurrent, agreement.tensors, findings)
                .examples(last);
        return agreement.tensors.finish();
    }

    // --- names, vocabularies ---

    private void names() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < model.layers().size(); i++) {
            Model.Layer layer = model.layers().get(i);
            Path path = layerPath(i).to("name");
            if (!names.add(layer.name())) {
                findings.add(Codes.NAME_REPEATED, path, "got", Issue.quote(layer.name()));
            }
            if (layer.name().equals("input")) {
                findings.add(Codes.NAME_RESERVED, path, "got", Issue.quote(layer.name()));
            }
            if (layer.type().isRecurrent()) {
                recurrent.putIfAbsent(layer.name(), layer);
            }
        }
    }

    private static Path layerPath(int i) {
        return Path.TOP.to("layers").to(i);
    }

    private void vocabularies() {
        Map<String, Model.Vocabulary> vocabularies =
                model.vocabularies() == null ? Map.of() : model.vocabularies();
        Set<String> unused = new LinkedHashSet<>(vocabularies.keySet());
        Map<String, String> references = new LinkedHashMap<>();
        references.put("output", model.output().vocabulary());
        references.put(
                "input", model.input() instanceof Model.Tokens tokens ? tokens.vocabulary() : null);
        references.forEach(
                (member, name) -> {
                    unused.remove(name);
                    if (name != null && !vocabularies.containsKey(name)) {
                        findings.add(
                                Codes.VOCABULARY_UNKNOWN,
                                Path.TOP.to(member).to("vocabulary"),
                                "got",
                                Issue.quote(name),
                                "expected",
                                Choices.of(vocabularies.keySet(), name));
                    }
                });
        for (String name : unused) {
            findings.add(
                    Codes.VOCABULARY_UNUSED,
                    Path.TOP.to("vocabularies").to(name),
                    "got",
                    Issue.quote(name));
        }
        vocabularies.forEach((name, vocabulary) -> vocabulary(name, vocabulary));
    }

    private void vocabulary(String name, Model.Vocabulary vocabulary) {
        Path path = Path.TOP.to("vocabularies").to(name);
        List<String> tokens = vocabulary.tokens();
        Map<String, Integer> special = vocabulary.special();
        special.forEach((member, id) -> findings.checkId(id, tokens.size(), path.to(member)));
        Set<Integer> silent = new HashSet<>(special.values());
        Set<String> seen = new HashSet<>();
        for (int id = 0; id < tokens.size(); id++) {
            String token = tokens.get(id);
            if (silent.contains(id)) {
                continue;
            }
            if (token.isEmpty()) {
                findings.add(
                        Codes.VOCABULARY_EMPTY,
                        path.to("tokens").to(id),
                        "expected",
                        "one of " + String.join(", ", Model.Vocabulary.SPECIAL));
            } else if (!seen.add(token)) {
                boolean isByte = vocabulary.unit() == Model.Unit.BYTE;
                findings.add(
                        Codes.VOCABULARY_REPEATED,
                        path.to("tokens").to(id),
                        "got",
                        isByte ? Integer.toString(token.charAt(0)) : Issue.quote(token));
            }
        }
    }

    // --- layers ---

    private void layers() {
        boolean anyUnknown = false;
        for (int i = 0; i < model.layers().size(); i++) {
            Model.Layer layer = model.layers().get(i);
            inputs(layer, graph.node(i), layerPath(i));
            parameters(layer, graph.node(i).read(), layerPath(i).to("parameters"));
            anyUnknown |= graph.node(i).hasUnknownInput();
        }
        boolean[] used = graph.used();
        for (int i = 0; i < used.length; i++) {
            if (!used[i] && !anyUnknown) {
                String name = Issue.quote(model.layers().get(i).name());
                findings.add(Codes.LAYER_UNUSED, layerPath(i), "name", name);
            }
        }
    }

    /** Judges what a layer reads [agree-3]. */
    private void inputs(Model.Layer layer, Graph.Node node, Path path) {
        for (int k = 0; k < node.inputs().length; k++) {
            if (node.inputs()[k] == Graph.NOBODY) {
                String name = Issue.quote(layer.inputs().get(k));
                findings.add(Codes.INPUT_UNKNOWN, path.to("inputs").to(k), "got", name);
            }
        }
        if (node.isRefused()) {
            String expected =
                    layer.type().readsTokens()
                            ? "the token ids of `input`"
                            : layer.type().worksWithoutTime()
                                    ? "vectors of one kind"
                                    : "a sequence";
            String type = layer.type().word();
            findings.add(Codes.LAYER_INPUT, path.to("type"), "got", type, "expected", expected);
        }
        if (node.isUneven()) {
            boolean isConcat = layer.type() == Layout.CONCAT;
            int[] widths = IntStream.of(node.inputs()).limit(SHOWN).map(graph::widthOf).toArray();
            findings.add(
                    Codes.INPUT_WIDTH,
                    path.to("inputs"),
                    "expected",
                    isConcat ? "at most " + Layout.Option.WIDEST + " together" : "equal widths",
                    "got",
                    Issue.escape(Tensor.show(widths)));
        }
    }

    /** Judges the names of the input's features. */
    private void inputCounts() {
        if (model.input() instanceof Model.Features features) {
            Path path = Path.TOP.to("input");
            findings.checkCount(features.names(), features.size(), path.to("names"));
            findings.checkCount(features.units(), features.size(), path.to("units"));
        }
    }

    private void parameters(Model.Layer layer, int width, Path path) {
        layer.roles()
                .forEach(
                        (role, kind) -> {
                            String name = layer.parameters().get(role);
                            if (name != null) {
                                boolean isKnown = width != UNKNOWN || !kind.needsInput();
                                int[] shape = isKnown ? layer.shape(kind, width) : null;
                                tensors.refer(name, shape, path.to(role));
                            }
                        });
    }

    // --- output ---

    private void output(int width) {
        Path path = Path.TOP.to("output");
        Model.Output output = model.output();
        String function = model.last().isNormalising() ? model.last().function().word() : "none";
        String asked =
                switch (function) {
                    case "softmax" -> "probabilities";
                    case "log_softmax" -> "log_probabilities";
                    default -> "logits or values";
                };
        if (!List.of(asked.split(" or ")).contains(output.kind())) {
            findings.add(
                    Codes.OUTPUT_KIND, path.to("kind"), "expected", asked, "got", output.kind());
        }
        findings.checkCount(output.labels(), width, path.to("labels"));
        Model.Vocabulary vocabulary = model.find(output.vocabulary());
        if (vocabulary != null && width != UNKNOWN && vocabulary.tokens().size() != width) {
            findings.add(
                    Codes.VOCABULARY_SIZE,
                    path.to("vocabulary"),
                    "expected",
                    Integer.toString(width),
                    "got",
                    Integer.toString(vocabulary.tokens().size()));
        }
        Model.Decoding decoding = model.decoding();
        if (decoding != null && output.vocabulary() == null) {
            findings.add(Codes.DECODING_OUTPUT, Path.TOP.to("decoding"));
        }
        if (decoding != null && decoding.blank() != null && vocabulary != null) {
            Path blank = Path.TOP.to("decoding").to("blank");
            findings.checkId(decoding.blank(), vocabulary.tokens().size(), blank);
        }
    }
}
