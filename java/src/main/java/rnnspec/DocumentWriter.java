package rnnspec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * From the parts of a model to the values of a document, members in the order of the tables (SPEC
 * sections 5 to 9).
 *
 * <p>The tensors are not part of this: they are written on their own.
 */
final class DocumentWriter {
    private DocumentWriter() {}

    /** The document of a model, without the member tensors. */
    static Map<String, Object> of(Model model) {
        Map<String, Object> document = members("rnnspec", Model.FORMAT);
        Model.TEXTS.forEach(name -> put(document, name, model.texts().get(name)));
        put(document, "metadata", model.metadata());
        put(document, "input", of(model.input()));
        put(document, "vocabularies", each(model.vocabularies(), DocumentWriter::of));
        put(document, "layers", each(model.layers(), DocumentWriter::of));
        put(document, "output", of(model.output()));
        put(document, "decoding", of(model.decoding()));
        put(document, "examples", each(model.examples(), DocumentWriter::of));
        put(document, "extensions", model.extensions());
        put(document, "extensions_required", model.extensionsRequired());
        return document;
    }

    private static Map<String, Object> of(Model.Input input) {
        if (input instanceof Model.Tokens tokens) {
            return members("kind", "tokens", "vocabulary", tokens.vocabulary());
        }
        Model.Features features = (Model.Features) input;
        return members(
                "kind",
                "features",
                "size",
                features.size(),
                "names",
                features.names(),
                "units",
                features.units(),
                "sample_rate",
                features.sampleRate());
    }

    private static Map<String, Object> of(Model.Vocabulary vocabulary) {
        boolean isOfBytes = vocabulary.unit() == Model.Unit.BYTE;
        Map<String, Object> members =
                members(
                        "unit",
                        vocabulary.unit().word(),
                        "tokens",
                        isOfBytes
                                ? each(vocabulary.tokens(), DocumentWriter::byteToken)
                                : vocabulary.tokens(),
                        "separator",
                        vocabulary.separator());
        members.putAll(vocabulary.special());
        put(members, "extensions", vocabulary.extensions());
        return members;
    }

    private static Object byteToken(String token) {
        return token.isEmpty() ? token : (Object) (int) token.charAt(0);
    }

    private static Map<String, Object> of(Model.Layer layer) {
        Layout type = layer.type();
        Map<String, Object> members = members("name", layer.name(), "type", type.word());
        put(members, "inputs", layer.inputs());
        if (type.sizeMember() != null) {
            members.put(type.sizeMember(), layer.size());
        }
        switch (type) {
            case ACTIVATION -> members.putAll(of(layer.activations().get("activation")));
            case ELMAN -> members.put("activation", of(layer.activations().get("activation")));
            case LSTM, GRU -> {
                Map<String, Object> activations = new LinkedHashMap<>();
                for (String name : type.activations()) {
                    activations.put(name, of(layer.activations().get(name)));
                }
                members.put("activations", activations);
            }
            default -> {}
        }
        members.putAll(layer.options());
        if (!type.roles().isEmpty()) {
            members.put("parameters", layer.parameters());
        }
        put(members, "extensions", layer.extensions());
        return members;
    }

    private static Map<String, Object> of(Model.Activation activation) {
        return members(
                "function",
                activation.function().word(),
                "alpha",
                activation.alpha(),
                "beta",
                activation.beta());
    }

    private static Map<String, Object> of(Model.Output output) {
        return members(
                "kind",
                output.kind(),
                "vocabulary",
                output.vocabulary(),
                "labels",
                output.labels());
    }

    private static Map<String, Object> of(Model.Decoding decoding) {
        return decoding == null
                ? null
                : members(
                        "mode",
                        decoding.mode(),
                        "temperature",
                        decoding.temperature(),
                        "top_k",
                        decoding.topK(),
                        "top_p",
                        decoding.topP(),
                        "blank",
                        decoding.blank());
    }

    private static Map<String, Object> of(Model.Example example) {
        Model.Source source = example.source();
        return members(
                "kind",
                example.kind(),
                "source",
                source == null
                        ? null
                        : members("system", source.system(), "version", source.version()),
                "tolerance",
                example.tolerance(),
                "input",
                example.ids() == null ? example.input() : example.ids(),
                "lengths",
                example.lengths(),
                "state",
                example.state(),
                "output",
                example.output(),
                "final_state",
                example.finalState());
    }

    /** An object of name, value, name, value, and so on; what is null is absent. */
    static Map<String, Object> members(Object... all) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (int i = 0; i < all.length; i += 2) {
            put(members, (String) all[i], all[i + 1]);
        }
        return members;
    }

    private static void put(Map<String, Object> members, String name, Object value) {
        if (value != null) {
            members.put(name, value);
        }
    }

    private static <T> Object each(List<T> list, Function<T, Object> element) {
        return list == null ? null : list.stream().map(element).toList();
    }

    private static <T> Object each(Map<String, T> map, Function<T, Object> member) {
        if (map == null) {
            return null;
        }
        Map<String, Object> members = new LinkedHashMap<>();
        map.forEach((name, value) -> members.put(name, member.apply(value)));
        return members;
    }
}
