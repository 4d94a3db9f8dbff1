package rnnspec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * From the values of a document whose structure is right to the parts of a model; {@link
 * DocumentWriter} goes the other way.
 *
 * <p>The tensors are not part of this: they are read on their own.
 */
final class Document {
    private Document() {}

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
                object(document.get("extensions")),
                texts(document.get("extensions_required")),
                tensorExtensions(object(document.get("tensors"))),
                Map.of());
    }

    private static Map<String, Map<String, Object>> tensorExtensions(Map<String, Object> tensors) {
        Map<String, Map<String, Object>> found = new LinkedHashMap<>();
        tensors.forEach(
                (name, tensor) -> {
                    Map<String, Object> extensions = object(object(tensor).get("extensions"));
                    if (extensions != null) {
                        found.put(name, extensions);
                    }
                });
        return Collections.unmodifiableMap(found);
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
                Model.Unit.of((String) value.get("unit")),
                list(value.get("tokens"), Document::token),
                (String) value.get("separator"),
                integer(value.get("unknown")),
                integer(value.get("start")),
                integer(value.get("end")),
                integer(value.get("padding")),
                object(value.get("extensions")));
    }

    /** A token as a model has it: a byte is the character of its number. */
    private static String token(Object value) {
        return value instanceof Double n ? Character.toString(n.intValue()) : (String) value;
    }

    private static Model.Layer layer(Object any) {
        Map<String, Object> value = object(any);
        Layout type = Layout.of((String) value.get("type"));
        Map<String, String> parameters = map(value.get("parameters"), String.class::cast);
        return new Model.Layer(
                (String) value.get("name"),
                type,
                texts(value.get("inputs")),
                type.sizeMember() == null ? 0 : integer(value.get(type.sizeMember())),
                options(type, value),
                activations(type, value),
                parameters == null ? Map.of() : parameters,
                object(value.get("extensions")));
    }

    private static Map<String, Object> options(Layout type, Map<String, Object> layer) {
        Map<String, Object> options = new LinkedHashMap<>();
        for (Layout.Option option : type.options()) {
            Object value = layer.get(option.name());
            if (value != null) {
                options.put(option.name(), option.isWhole() ? (Object) integer(value) : value);
            }
        }
        return Collections.unmodifiableMap(options);
    }

    private static Map<String, Model.Activation> activations(
            Layout type, Map<String, Object> layer) {
        return switch (type) {
            case ACTIVATION -> Map.of("activation", activation(layer));
            case ELMAN -> Map.of("activation", activation(layer.get("activation")));
            case LSTM, GRU -> map(layer.get("activations"), Document::activation);
            default -> Map.of();
        };
    }

    private static Model.Activation activation(Object any) {
        Map<String, Object> value = object(any);
        return new Model.Activation(
                Layout.Function.of((String) value.get("function")),
                (Double) value.get("alpha"),
                (Double) value.get("beta"));
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
                : new Model.Decoding(
                        (String) value.get("mode"),
                        (Double) value.get("temperature"),
                        integer(value.get("top_k")),
                        (Double) value.get("top_p"),
                        integer(value.get("blank")));
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
}
