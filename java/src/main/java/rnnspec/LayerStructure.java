package rnnspec;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import rnnspec.Findings.Path;

/** The structure of layers and their activations (SPEC section 8). */
final class LayerStructure extends DocumentChecks {
    private static final int WIDEST = 65_536;

    /** How far alpha and beta go. */
    private static final double LARGEST = 1e38;

    LayerStructure(Limits limits, Findings findings) {
        super(limits, findings);
    }

    void layers(Object value, Path path) {
        if (value instanceof List<?> list && list.size() > limits.layers()) {
            findings.add(
                    Codes.LIMIT_LAYERS,
                    path,
                    "limit",
                    Long.toString(limits.layers()),
                    "got",
                    Integer.toString(list.size()));
            return;
        }
        list(1, this::layer).check(value, path);
    }

    private void layer(Object value, Path path) {
        String word = variant("type", value, path, Layout.words());
        if (word.isEmpty()) {
            return;
        }
        Layout type = Layout.of(word);
        Stream.Builder<Member> members = Stream.builder();
        members.add(must("name", this::name)).add(must("type", this::text));
        if (type.sizeMember() != null) {
            members.add(must(type.sizeMember(), integer(1, WIDEST)));
        }
        switch (type) {
            case ACTIVATION -> {
                List<Member> activation = activation(value, path, false);
                if (activation.isEmpty()) {
                    return;
                }
                activation.forEach(members::add);
            }
            case ELMAN -> members.add(must("activation", this::activation));
            case GRU -> {
                members.add(must("reset", words(Layout.RESETS)));
                members.add(must("activations", activations(type)));
            }
            case LSTM -> members.add(must("activations", activations(type)));
            default -> {}
        }
        if (type.isRecurrent()) {
            members.add(may("output", words(Layout.OUTPUTS)));
        }
        if (!type.roles().isEmpty()) {
            members.add(must("parameters", parameters(type, (Map<?, ?>) value)));
        }
        members.add(may("extensions", this::extensions));
        object(value, path, members.build().toArray(Member[]::new));
    }

    private Check parameters(Layout type, Map<?, ?> layer) {
        // A second bias of a gru makes no sense where the reset stands before it [layer-4].
        boolean isBefore = type == Layout.GRU && "before".equals(layer.get("reset"));
        Member[] roles =
                type.roles().stream()
                        .filter(role -> !(isBefore && role.name().equals("rb")))
                        .map(role -> new Member(role.name(), role.required(), this::text))
                        .toArray(Member[]::new);
        return (value, path) -> object(value, path, roles);
    }

    private Check activations(Layout type) {
        Member[] members =
                type.activations().stream()
                        .map(name -> must(name, this::activation))
                        .toArray(Member[]::new);
        return (value, path) -> object(value, path, members);
    }

    /** An activation that stands alone. */
    private void activation(Object value, Path path) {
        List<Member> members = activation(value, path, true);
        if (!members.isEmpty()) {
            object(value, path, members.toArray(Member[]::new));
        }
    }

    /** The members of an activation; none, with the one finding, without a known function. */
    private List<Member> activation(Object value, Path path, boolean elementwise) {
        String word = variant("function", value, path, Layout.Function.words(elementwise));
        if (word.isEmpty()) {
            return List.of();
        }
        Stream<Member> numbers =
                Layout.Function.of(word).members().stream()
                        .map(name -> must(name, number(-LARGEST, LARGEST)));
        return Stream.concat(Stream.of(must("function", this::text)), numbers).toList();
    }
}
