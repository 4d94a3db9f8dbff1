package rnnspec;

import java.util.List;
import java.util.Map;
import rnnspec.Findings.Path;

/** Whether the examples of a model fit its net (SPEC [agree-5], [agree-9]). */
final class ExampleAgreement {
    private static final int UNKNOWN = Graph.UNKNOWN;

    private final Model model;
    private final Map<String, Model.Layer> recurrent;
    private final References tensors;
    private final Findings findings;

    /** The names of the recurrent layers for people. */
    private final String recurrentNames;

    ExampleAgreement(
            Model model,
            Map<String, Model.Layer> recurrent,
            References tensors,
            Findings findings) {
        this.model = model;
        this.recurrent = recurrent;
        this.tensors = tensors;
        this.findings = findings;
        recurrentNames = Choices.of(recurrent.keySet());
    }

    /** Judges all of them, for a net with this last layer. */
    void examples(Graph.Node last) {
        if (model.examples() == null) {
            return;
        }
        int i = 0;
        for (Model.Example example : model.examples()) {
            example(example, last, Path.TOP.to("examples").to(i++));
        }
    }

    private void example(Model.Example example, Graph.Node last, Path path) {
        int[] extent = extent(example, path.to("input"));
        int rows = extent == null ? UNKNOWN : extent[0];
        int steps = extent == null ? UNKNOWN : extent[1];
        List<Integer> lengths = example.lengths();
        if (findings.checkCount(lengths, rows, path.to("lengths"))
                && lengths != null
                && steps != UNKNOWN) {
            for (int n = 0; n < lengths.size(); n++) {
                findings.checkId(lengths.get(n), steps + 1, path.to("lengths").to(n));
            }
        }
        state(example.state(), rows, path.to("state"));
        int[] shape = null;
        if (rows != UNKNOWN && last.width() != UNKNOWN && last.hasTime() != null) {
            shape =
                    last.hasTime()
                            ? new int[] {rows, steps, last.width()}
                            : new int[] {rows, last.width()};
        }
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
            StoredTensor entry = tensors.find(example.input());
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
                    findings.checkId(row.get(t), vocabulary.tokens().size(), path.to(n).to(t));
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
        for (String name : recurrent.keySet()) {
            if (!state.containsKey(name)) {
                incomplete(name, path);
            }
        }
    }

    private void stateOf(String name, Map<String, String> arrays, int rows, Path path) {
        Model.Layer layer = recurrent.get(name);
        if (layer == null) {
            unknownLayer(name, path);
        }
        Map<String, Integer> widths = layer == null ? Map.of() : layer.stateArrays();
        for (String array : Layout.STATE_ARRAYS) {
            boolean isNamed = arrays.containsKey(array);
            boolean fits = widths.containsKey(array);
            if (isNamed) {
                if (layer != null && !fits) {
                    unknownLayer(name, path.to(array));
                }
                int[] shape = fits && rows != UNKNOWN ? new int[] {rows, widths.get(array)} : null;
                tensors.referFloat32(arrays.get(array), shape, path.to(array));
            } else if (fits) {
                incomplete(name, path);
            }
        }
    }

    private void unknownLayer(String name, Path path) {
        findings.add(
                Codes.LAYER_UNKNOWN, path, "got", Issue.quote(name), "expected", recurrentNames);
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
}
