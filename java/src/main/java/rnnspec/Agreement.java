package rnnspec;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /** The recurrent layers by name; the first, where a name repeats. */
    private final Map<String, Model.Layer> recurrent = new LinkedHashMap<>();

    /** Whether what the layers judged so far give has time. */
    private boolean hasTime = true;

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
        new ExampleAgreement(model, agreement.recurrent, agreement.tensors, findings)
                .examples(agreement.hasTime, width);
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

    /** Judges the layers and gives the width of the last one. */
    private int layers() {
        int width = inputWidth();
        for (int i = 0; i < model.layers().size(); i++) {
            Model.Layer layer = model.layers().get(i);
            Layout type = layer.type();
            boolean first = i == 0 && model.input() instanceof Model.Tokens;
            if (type.readsTokens() != first || !hasTime && !type.worksWithoutTime()) {
                String expected = hasTime ? "another type" : "no memory";
                findings.add(
                        Codes.LAYER_INPUT,
                        layerPath(i).to("type"),
                        "got",
                        type.word(),
                        "expected",
                        first ? "a token layer" : expected);
                width = UNKNOWN;
            }
            parameters(layer, width, layerPath(i).to("parameters"));
            width = layer.size() > 0 ? layer.size() : width;
            hasTime &= !layer.endsTime();
        }
        return width;
    }

    /** The width of the net's input, or V for tokens. */
    private int inputWidth() {
        if (model.input() instanceof Model.Features features) {
            findings.checkCount(
                    features.names(), features.size(), Path.TOP.to("input").to("names"));
            findings.checkCount(
                    features.units(), features.size(), Path.TOP.to("input").to("units"));
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
                int[] shape = known ? layer.type().shape(role, width, layer.size()) : null;
                tensors.refer(name, shape, path.to(role.name()));
            }
        }
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
        if (model.decoding() != null && output.vocabulary() == null) {
            findings.add(Codes.DECODING_OUTPUT, Path.TOP.to("decoding"));
        }
    }
}
