package rnnspec;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import rnnspec.Findings.Path;

/**
 * The agreement pass: whether the parts of a model fit each other (SPEC section 10).
 *
 * <p>A check whose operands are unknown because of another finding is not made; {@link #UNKNOWN}
 * stands for such a width.
 */
final class Agreement {
    private static final int UNKNOWN = References.UNKNOWN;

    private final Model model;
    private final References tensors;
    private final Findings findings;

    private final Set<String> recurrent = new LinkedHashSet<>();

    /** Their names for people. */
    private String recurrentNames;

    private Agreement(Model model, Map<String, Tensor.Entry> entries, Findings findings) {
        this.model = model;
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
            Model model, Map<String, Tensor.Entry> entries, Findings findings) {
        Agreement agreement = new Agreement(model, entries, findings);
        agreement.names();
        agreement.vocabularies();
        int width = agreement.layers();
        agreement.output(width);
        agreement.examples(width);
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
            if (!layer.type().stateArrays().isEmpty()) {
                recurrent.add(layer.name());
            }
        }
        recurrentNames = names(recurrent);
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
                                names(vocabularies.keySet()));
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
        special.forEach((member, id) -> checkId(id, tokens.size(), path.to(member)));
        Set<String> seen = new HashSet<>();
        for (int id = 0; id < tokens.size(); id++) {
            String token = tokens.get(id);
            if (token.isEmpty()) {
                if (!special.containsValue(id)) {
                    findings.add(
                            Codes.VOCABULARY_EMPTY,
                            path.to("tokens").to(id),
                            "expected",
                            "one of " + String.join(", ", Model.Vocabulary.SPECIAL));
                }
            } else if (!seen.add(token)) {
                findings.add(
                        Codes.VOCABULARY_REPEATED,
                        path.to("tokens").to(id),
                        "got",
                        Issue.quote(token));
            }
        }
    }

    private void checkId(int id, int count, Path path) {
        if (id >= count) {
            findings.add(
                    Codes.ID_RANGE,
                    path,
                    "expected",
                    Integer.toString(count - 1),
                    "got",
                    Integer.toString(id));
        }
    }

    // --- layers ---

    /** Judges the layers and gives the width of the last one. */
    private int layers() {
        int width = inputWidth();
        for (int i = 0; i < model.layers().size(); i++) {
            Model.Layer layer = model.layers().get(i);
            boolean first = i == 0 && model.input() instanceof Model.Tokens;
            if (layer.type().readsTokens() != first) {
                findings.add(
                        Codes.LAYER_INPUT,
                        layerPath(i).to("type"),
                        "got",
                        "`" + layer.type().word() + "`",
                        "expected",
                        first ? "embedding or one_hot" : "a layer that reads numbers");
                width = UNKNOWN;
            }
            parameters(layer, width, layerPath(i).to("parameters"));
            width = layer.size() > 0 ? layer.size() : width;
        }
        return width;
    }

    /** The width of the net's input, or V for tokens. */
    private int inputWidth() {
        if (model.input() instanceof Model.Features features) {
            count(features.names(), features.size(), Path.TOP.to("input").to("names"));
            count(features.units(), features.size(), Path.TOP.to("input").to("units"));
            return features.size();
        }
        Model.Vocabulary vocabulary = model.inputVocabulary();
        return vocabulary == null ? UNKNOWN : vocabulary.tokens().size();
    }

    private void parameters(Model.Layer layer, int width, Path path) {
        for (Layout.Role role : layer.type().roles()) {
            String name = layer.parameters().get(role.name());
            if (name != null) {
                boolean known = width != UNKNOWN || !role.needsInput();
                int[] shape = known ? role.shape(width, layer.size()) : null;
                tensors.refer(name, shape, path.to(role.name()));
            }
        }
    }

    // --- output ---

    private void output(int width) {
        Path path = Path.TOP.to("output");
        Model.Output output = model.output();
        String function = model.last().isNormalising() ? model.last().function() : "none";
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
        count(output.labels(), width, path.to("labels"));
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
        if (model.decoding() != null && output.vocabulary() == null) {
            findings.add(Codes.DECODING_OUTPUT, Path.TOP.to("decoding"));
        }
    }

    /** Judges whether a list, if there is one, has one element for each of something. */
    private boolean count(List<?> list, int expected, Path path) {
        if (list == null || expected == UNKNOWN || list.size() == expected) {
            return true;
        }
        findings.add(
                Codes.LABELS_COUNT,
                path,
                "expected",
                Integer.toString(expected),
                "got",
                Integer.toString(list.size()));
        return false;
    }

    // --- examples ---

    private void examples(int width) {
        if (model.examples() == null) {
            return;
        }
        int i = 0;
        for (Model.Example example : model.examples()) {
            example(example, width, Path.TOP.to("examples").to(i++));
        }
    }

    private void example(Model.Example example, int width, Path path) {
        int[] extent = extent(example, path.to("input"));
        int rows = extent == null ? UNKNOWN : extent[0];
        int steps = extent == null ? UNKNOWN : extent[1];
        List<Integer> lengths = example.lengths();
        if (count(lengths, rows, path.to("lengths")) && lengths != null && steps != UNKNOWN) {
            for (int n = 0; n < lengths.size(); n++) {
                checkId(lengths.get(n), steps + 1, path.to("lengths").to(n));
            }
        }
        state(example.state(), rows, path.to("state"));
        boolean known = rows != UNKNOWN && width != UNKNOWN;
        int[] shape = known ? new int[] {rows, steps, width} : null;
        tensors.referFloat32(example.output(), shape, path.to("output"));
        state(example.finalState(), rows, path.to("final_state"));
    }

    /** Judges the input of an example; gives N and T, or null if they are unknown. */
    private int[] extent(Model.Example example, Path path) {
        if (model.input() instanceof Model.Features features) {
            if (example.input() == null) {
                wrongInput("the name of a tensor", "lists", path);
                return null;
            }
            Tensor.Entry entry = tensors.find(example.input());
            boolean known = entry != null && entry.shape().length == 3;
            // Without a rank of 3 there is no N and T to go by, and no shape fits.
            int rows = known ? entry.shape()[0] : UNKNOWN;
            int steps = known ? entry.shape()[1] : UNKNOWN;
            tensors.referFloat32(example.input(), new int[] {rows, steps, features.size()}, path);
            return known ? new int[] {rows, steps} : null;
        }
        if (example.ids() == null) {
            wrongInput("lists of token ids", "a name", path);
            tensors.refer(example.input(), null, path);
            return null;
        }
        Model.Vocabulary vocabulary = model.inputVocabulary();
        int steps = example.ids().get(0).size();
        for (int n = 0; n < example.ids().size(); n++) {
            List<Integer> row = example.ids().get(n);
            if (row.size() != steps) {
                wrongInput(steps + " ids", Integer.toString(row.size()), path.to(n));
            } else if (vocabulary != null) {
                for (int t = 0; t < steps; t++) {
                    checkId(row.get(t), vocabulary.tokens().size(), path.to(n).to(t));
                }
            }
        }
        return new int[] {example.ids().size(), steps};
    }

    private void wrongInput(String expected, String got, Path path) {
        findings.add(Codes.EXAMPLE_INPUT, path, "expected", expected, "got", got);
    }

    private void state(Map<String, Map<String, String>> state, int rows, Path path) {
        if (state == null) {
            return;
        }
        state.forEach((name, arrays) -> stateOf(name, arrays, rows, path.to(name)));
        for (String name : recurrent) {
            if (!state.containsKey(name)) {
                incomplete(name, path);
            }
        }
    }

    private void stateOf(String name, Map<String, String> arrays, int rows, Path path) {
        Model.Layer layer =
                model.layers().stream()
                        .filter(any -> any.name().equals(name) && recurrent.contains(name))
                        .findFirst()
                        .orElse(null);
        if (layer == null) {
            findings.add(
                    Codes.LAYER_UNKNOWN,
                    path,
                    "got",
                    Issue.quote(name),
                    "expected",
                    recurrentNames);
        }
        boolean known = layer != null && rows != UNKNOWN;
        for (String array : Layout.LSTM.stateArrays()) {
            if (arrays.containsKey(array)) {
                int[] shape = known ? new int[] {rows, layer.size()} : null;
                tensors.referFloat32(arrays.get(array), shape, path.to(array));
            } else if (layer != null) {
                incomplete(name, path);
            }
        }
    }

    private void incomplete(String name, Path path) {
        findings.add(
                Codes.STATE_INCOMPLETE,
                path,
                "name",
                Issue.quote(name),
                "expected",
                recurrentNames);
    }

    private static String names(Set<String> names) {
        return names.isEmpty()
                ? "none, as there is none"
                : names.stream().limit(8).map(Issue::quote).collect(Collectors.joining(", "));
    }
}
