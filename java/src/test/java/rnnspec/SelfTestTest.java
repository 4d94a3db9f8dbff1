package rnnspec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SelfTestTest {
    /** A net that doubles; its examples are easy to work out. */
    private static SelfTest.Result run(String examples, String recorded) {
        return SelfTest.run(
                Fixtures.load(
                        """
                        {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": 1},
                        "layers": [{"name": "d", "type": "dense", "size": 1, "parameters": {"W": "W"}}],
                        "output": {"kind": "values"}, "examples": [%s], "tensors": {
                        "W": {"dtype": "float32", "shape": [1, 1], "data": [2]},
                        "x": {"dtype": "float32", "shape": [2, 2, 1], "data": [1, 2, 3, 4]},
                        "y": {"dtype": "float32", "shape": [2, 2, 1], "data": [%s]}}}
                        """
                                .formatted(examples, recorded)));
    }

    private static final String EXACT =
            "{\"kind\": \"exact\", \"input\": \"x\", \"output\": \"y\"}";
    private static final String CUT =
            "{\"kind\": \"exact\", \"input\": \"x\", \"output\": \"y\", \"lengths\": [2, 1]}";
    private static final String REFERENCE =
            "{\"kind\": \"reference\", \"source\": {\"system\": \"s\", \"version\": \"1\"},"
                    + " \"tolerance\": 0.25, \"input\": \"x\", \"output\": \"y\", \"lengths\": [2, 1]}";

    @Test
    void exactMeansBits() {
        assertEquals(new SelfTest.Result(1, 0, List.of()), run(EXACT, "2, 4, 6, 8"));
        assertEquals("internally consistent", run(EXACT, "2, 4, 6, 8").verdict());
        assertEquals(List.of(0), run(EXACT, "2, 4, 6, 8.000001").failed());
        assertEquals("failed", run(EXACT, "2, 4, 6, 8.000001").verdict());
        assertEquals(List.of(), run(CUT, "2, 4, 6, 0").failed());
        assertEquals(List.of(0), run(CUT, "2, 4, 6, 8").failed());
        assertEquals(List.of(0), run(CUT, "2, 4, 6, -1e-46").failed());
    }

    @Test
    void referenceMeansWithinTheToleranceWhereThereIsAStep() {
        assertEquals(new SelfTest.Result(0, 1, List.of()), run(REFERENCE, "1.625, 5, 8, 99"));
        assertEquals("verified", run(REFERENCE, "1.625, 5, 8, 99").verdict());
        assertEquals(List.of(0), run(REFERENCE, "1.5, 5, 8, 99").failed());
        assertEquals(List.of(0), run(REFERENCE, "2, 4, 8.5, 99").failed());
    }

    @Test
    void nothingIsNothing() {
        Model model = new Fixtures.Net(1, 1, 1, 1).model();
        assertEquals("nothing to run", SelfTest.run(model).verdict());
        assertEquals(
                new SelfTest.Result(1, 0, List.of()), SelfTest.run(Fixtures.load(Fixtures.FULL)));
    }
}
