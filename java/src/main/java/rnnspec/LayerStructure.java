package rnnspec;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import rnnspec.Findings.Path;

/** The structure of layers and their activations (SPEC section 8). */
final class LayerStructure extends DocumentChecks {
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
        Map<?, ?> layer = (Map<?, ?>) value;
        Stream.Builder<Member> members = Stream.builder();
        members.add(must("name", this::name)).add(must("type", this::text));
        members.add(new Member("inputs", type.joins(), inputs(type)));
        if (type.sizeMember() != null) {
            members.add(must(type.sizeMember(), integer(1, Layout.Option.WIDEST)));
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
            case GRU, LSTM -> members.add(must("activations", activations(type)));
            default -> {}
        }
        for (Layout.Option option : type.options()) {
            option(option, layer).ifPresent(members::add);
        }
        if (!type.roles().isEmpty()) {
            members.add(must("parameters", parameters(type, layer)));
        }
        members.add(may("extensions", this::extensions));
        object(value, path, members.build().toArray(Member[]::new));
    }

    private Check inputs(Layout type) {
        return (value, path) -> {
            if (value instanceof List<?> list
                    && (type.joins() ? list.size() < 2 : list.size() != 1)) {
                wrongLength(type.joins() ? "2 or more names" : "1 name", list.size(), path);
            } else {
                list(1, this::text).check(value, path);
            }
        };
    }

    /** The member as this layer may have it; nothing if it may not. */
    private Optional<Member> option(Layout.Option option, Map<?, ?> layer) {
        Check check =
                option.words() != null
                        ? words(option.words())
                        : option.isWhole()
                                ? integer(option.low(), option.high())
                                : number(option.low(), option.high());
        boolean isRequired = option.required();
        if (option.name().equals("merge")) {
            // Without a known direction nothing is said about whether it must be there [doc-6].
            if (isOneWay(layer)) {
                return Optional.empty();
            }
            isRequired = isBothWays(layer);
        } else if (option.name().equals("projection_clip")
                && !layer.containsKey("projection_size")) {
            return Optional.empty();
        }
        return Optional.of(new Member(option.name(), isRequired, check));
    }

    private static boolean isBothWays(Map<?, ?> layer) {
        return "bidirectional".equals(layer.get("direction"));
    }

    private static boolean isOneWay(Map<?, ?> layer) {
        Object direction = layer.get("direction");
        return !layer.containsKey("direction")
                || "forward".equals(direction)
                || "reverse".equals(direction);
    }

    /** The roles of a layer [layer-4], [layer-6], [layer-7], [layer-8]. */
    private Check parameters(Layout type, Map<?, ?> layer) {
        Stream.Builder<Member> forward = Stream.builder();
        Stream.Builder<Member> reverse = Stream.builder();
        boolean isBoth = isBothWays(layer);
        for (Layout.Role role : type.roles()) {
            boolean isAllowed = isAllowed(role, layer);
            String other = role.name() + Layout.REVERSE;
            if (isAllowed) {
                forward.add(new Member(role.name(), role.required(), this::text));
            }
            // Without a known direction nothing is said about which of them must be there [doc-6].
            if (type.isRecurrent() && !isOneWay(layer) && (isAllowed || !isBoth)) {
                reverse.add(new Member(other, role.required() && isBoth, this::text));
            }
        }
        Member[] members = Stream.concat(forward.build(), reverse.build()).toArray(Member[]::new);
        return (value, path) -> object(value, path, members);
    }

    private static boolean isAllowed(Layout.Role role, Map<?, ?> layer) {
        String option = role.option();
        if ("reset".equals(option)) {
            // A second bias of a gru makes no sense where the reset stands before it.
            return !"before".equals(layer.get(option));
        }
        return option == null || layer.containsKey(option);
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
                        .map(
                                name ->
                                        must(
                                                name,
                                                number(
                                                        -Layout.Option.LARGEST,
                                                        Layout.Option.LARGEST)));
        return Stream.concat(Stream.of(must("function", this::text)), numbers).toList();
    }
}
