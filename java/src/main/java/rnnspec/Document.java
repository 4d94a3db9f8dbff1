package rnnspec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Between the values of a document and the parts of a model, in both directions.
 *
 * <p>The tensors are not part of this: they are read and written on their own.
 */
final class Document {
    private Document() {}

    // --- from a document whose structure is right ---

    /** The parts of a document, without tensors. */
    static Model model(Map<String, Object> document) {
        Map<String, String> texts = new LinkedHashMap<>();
        Model.TEXTS.stream()
                .filter(document::containsKey)
                .forEach(name -> texts.put(name, (String) document.get(name)));
        return new Model(
                Collections.unmodifiableMap(texts),
                object(document.get("metadata")),
                input(object(document.get("input"))),
                map(document.get("vocabularies"), Document::vocabulary),
                list(document.get("layers"), Document::layer),
                output(object(document.get("output"))),
                decoding(object(document.get("decoding"))),
                list(document.get("examples"), Document::example),
                Map.of());
    }

    private static Model.Input input(Map<String, Object> value) {
        return value.get("kind").equals("tokens")
                ? new Model.Tokens((String) value.get("vocabulary"))
                : new Model.Features(
                        integer(value.get("size")),
                        texts(value.get("names")),
                        texts(value.get("units")),
                        (Double) value.get("sample_rate"));
    }

    private static Model.Vocabulary vocabulary(Object any) {
        Map<String, Object> value = object(any);
        return new Model.Vocabulary(
                texts(value.get("tokens")),
                integer(value.get("unknown")),
                integer(value.get("start")),
                integer(value.get("end")),
                integer(value.get("padding")));
    }

    private static Model.Layer layer(Object any) {
        Map<String, Object> value = object(any);
        Layout type = Layout.of((String) value.get("type"));
        Map<String, String> parameters = map(value.get("parameters"), String.class::cast);
        return new Model.Layer(
                (String) value.get("name"),
                type,
                type.sizeMember() == null ? 0 : integer(value.get(type.sizeMember())),
                (String) value.get("function"),
                parameters == null ? Map.of() : parameters);
    }

    private static Model.Output output(Map<String, Object> value) {
        return new Model.Output(
                (String) value.get("kind"),
                (String) value.get("vocabulary"),
                texts(value.get("labels")));
    }

    private static Model.Decoding decoding(Map<String, Object> value) {
        return value == null
                ? null
                : new Model.Decoding((String) value.get("mode"), (Double) value.get("temperature"));
    }

    private static Model.Example example(Object any) {
        Map<String, Object> value = object(any);
        Map<String, Object> source = object(value.get("source"));
        Object input = value.get("input");
        return new Model.Example(
                (String) value.get("kind"),
                source == null
                        ? null
                        : new Model.Source(
                                (String) source.get("system"), (String) source.get("version")),
                (Double) value.get("tolerance"),
                input instanceof String ? null : list(input, Document::integers),
                input instanceof String name ? name : null,
                integers(value.get("lengths")),
                map(value.get("state"), arrays -> map(arrays, String.class::cast)),
                (String) value.get("output"),
                map(value.get("final_state"), arrays -> map(arrays, String.class::cast)));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object value) {
        return (Map<String, Object>) value;
    }

    /** An integer; one beyond the range of int is beyond every range that is still to be judged. */
    private static Integer integer(Object value) {
        return value == null ? null : (Integer) ((Double) value).intValue();
    }

    private static List<Integer> integers(Object value) {
        return list(value, Document::integer);
    }

    private static List<String> texts(Object value) {
        return list(value, String.class::cast);
    }

    private static <T> List<T> list(Object value, Function<Object, T> element) {
        return value == null ? null : ((List<?>) value).stream().<T>map(element::apply).toList();
    }

    private static <T> Map<String, T> map(Object value, Function<Object, T> member) {
        if (value == null) {
            return null;
        }
        Map<String, T> map = new LinkedHashMap<>();
        object(value).forEach((name, any) -> map.put(name, member.apply(any)));
        return Collections.unmodifiableMap(map);
    }

    // --- to a document, members in the order of the tables ---

    /** The document of a model, without the member tensors. */
    static Map<String, Object> of(Model model) {
        Map<String, Object> document = members("rnnspec", Model.FORMAT);
        Model.TEXTS.forEach(name -> put(document, name, model.texts().get(name)));
        put(document, "metadata", model.metadata());
        put(document, "input", of(model.input()));
        put(document, "vocabularies", each(model.vocabularies(), Document::of));
        put(document, "layers", each(model.layers(), Document::of));
        put(document, "output", of(model.output()));
        put(document, "decoding", of(model.decoding()));
        put(document, "examples", each(model.examples(), Document::of));
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
        Map<String, Object> members =
                members("unit", Model.Vocabulary.UNIT, "tokens", vocabulary.tokens());
        members.putAll(vocabulary.special());
        return members;
    }

    private static Map<String, Object> of(Model.Layer layer) {
        Map<String, Object> members = members("name", layer.name(), "type", layer.type().word());
        if (layer.type().sizeMember() != null) {
            members.put(layer.type().sizeMember(), layer.size());
        }
        put(members, "function", layer.function());
        if (!layer.type().roles().isEmpty()) {
            members.put("parameters", layer.parameters());
        }
        return members;
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
                : members("mode", decoding.mode(), "temperature", decoding.temperature());
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
