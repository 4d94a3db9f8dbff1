package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static rnnspec.Fixtures.assertFindings;
import static rnnspec.Fixtures.findings;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the options of an lstm and the dtype int8 ask for (SPEC sections 6 and 8). */
class OptionsTest {
    // --- options and roles ---

    /** An lstm of width 1 with these members and roles, its tensors all of a shape of their own. */
    private static String lstm(String members, String... roles) {
        List<String> parameters = new ArrayList<>(List.of("\"W\": \"W\"", "\"R\": \"R\""));
        List<String> tensors =
                new ArrayList<>(
                        List.of(
                                "\"W\": {\"dtype\": \"float32\", \"shape\": [1, 4], \"data\": [1, 2, 3, 4]}",
                                "\"R\": {\"dtype\": \"float32\", \"shape\": [1, 4], \"data\": [1, 2, 3, 4]}"));
        for (String role : roles) {
            parameters.add("\"%s\": \"%s\"".formatted(role, role));
            String form = "\"%s\": {\"dtype\": \"float32\", \"shape\": [9, 9, 9], \"data\": []}";
            tensors.add(form.formatted(role));
        }
        return """
        {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": 1}, "layers": [
        {"name": "l", "type": "lstm", "hidden_size": 1, %s%s, "parameters": {%s}}],
        "output": {"kind": "values"}, "tensors": {%s}}
        """
                .formatted(
                        members,
                        Fixtures.LSTM_ACTIVATIONS,
                        String.join(", ", parameters),
                        String.join(", ", tensors));
    }

    private static final String PARAMETERS = "/layers/0/parameters/";

    @Test
    void optionsAskForTheirParameters() {
        assertFindings(lstm(""));
        for (String option : List.of("\"peephole\": \"full\", ", "\"peephole\": \"half\", ")) {
            List<String> found = findings(lstm(option));
            assertTrue(found.contains("STRUCTURE_MISSING " + PARAMETERS + "p"), found.toString());
        }
        assertFindings(
                lstm("\"projection_size\": 0, "),
                "STRUCTURE_MISSING " + PARAMETERS + "Q",
                "STRUCTURE_RANGE /layers/0/projection_size");
        assertFindings(
                lstm("\"projection_clip\": 1, ", "p", "Q", "qb"),
                "STRUCTURE_UNKNOWN_KEY " + PARAMETERS + "Q",
                "STRUCTURE_UNKNOWN_KEY " + PARAMETERS + "p",
                "STRUCTURE_UNKNOWN_KEY " + PARAMETERS + "qb",
                "STRUCTURE_UNKNOWN_KEY /layers/0/projection_clip");
        for (String clip : List.of("clip", "cell_clip")) {
            assertFindings(lstm("\"%s\": 1e38, ".formatted(clip)));
            assertFindings(
                    lstm("\"%s\": 8e-16, ".formatted(clip)), "STRUCTURE_RANGE /layers/0/" + clip);
        }
        assertFindings(lstm("\"coupled\": \"output\", "), "STRUCTURE_ENUM /layers/0/coupled");
    }

    @Test
    void shapesFollowTheOptions() {
        record Shape(String members, String role, String expected) {}
        String both = "\"peephole\": \"%s\", \"coupled\": \"input\", \"projection_size\": 5, ";
        for (Shape shape :
                List.of(
                        new Shape("\"peephole\": \"diagonal\", ", "p", "[3, 1]"),
                        new Shape("\"peephole\": \"full\", ", "p", "[1, 3]"),
                        new Shape(both.formatted("diagonal"), "p", "[2, 1]"),
                        new Shape(both.formatted("full"), "p", "[1, 2]"),
                        new Shape(both.formatted("full"), "Q", "[1, 5]"),
                        new Shape(both.formatted("full"), "qb", "[5]"),
                        new Shape(both.formatted("full"), "h0", "[5]"),
                        new Shape(both.formatted("full"), "c0", "[1]"),
                        new Shape(both.formatted("full"), "b", "[3]"))) {
            String[] roles = {"p", "Q", "qb", "h0", "c0", "b"};
            List<String> kept = new ArrayList<>(List.of(roles));
            kept.removeIf(role -> !shape.members.contains("projection") && role.startsWith("Q"));
            kept.removeIf(role -> !shape.members.contains("projection") && role.equals("qb"));
            List<Issue> issues =
                    Validate.validate(
                            Fixtures.bytes(lstm(shape.members, kept.toArray(String[]::new))));
            assertTrue(
                    issues.stream()
                            .anyMatch(
                                    issue ->
                                            issue.code() == Codes.TENSOR_SHAPE
                                                    && issue.where().endsWith("/" + shape.role)
                                                    && issue.expected()
                                                            .startsWith(
                                                                    "expected "
                                                                            + shape.expected
                                                                            + ", got")),
                    shape + ": " + issues);
        }
    }

    @Test
    void bothDirectionsHaveTheirRoles() {
        String both = "\"direction\": \"bidirectional\", \"merge\": \"sum\", ";
        assertFindings(
                lstm(both),
                "STRUCTURE_MISSING " + PARAMETERS + "R_reverse",
                "STRUCTURE_MISSING " + PARAMETERS + "W_reverse");
        assertFindings(
                lstm("\"direction\": \"reverse\", \"merge\": \"sum\", ", "b_reverse"),
                "STRUCTURE_UNKNOWN_KEY " + PARAMETERS + "b_reverse",
                "STRUCTURE_UNKNOWN_KEY /layers/0/merge");
        assertFindings(
                lstm("\"direction\": \"bidirectional\", ", "W_reverse", "R_reverse", "p_reverse"),
                "STRUCTURE_MISSING /layers/0/merge",
                "STRUCTURE_UNKNOWN_KEY " + PARAMETERS + "p_reverse");
        // Without a known direction nothing is said about them.
        for (String direction : List.of("\"both\"", "1")) {
            String code = direction.equals("1") ? "STRUCTURE_TYPE" : "STRUCTURE_ENUM";
            String members = "\"direction\": " + direction;
            assertFindings(lstm(members + ", "), code + " /layers/0/direction");
            assertFindings(
                    lstm(members + ", \"merge\": \"sum\", ", "W_reverse", "p_reverse", "x_reverse"),
                    code + " /layers/0/direction",
                    "STRUCTURE_UNKNOWN_KEY " + PARAMETERS + "x_reverse");
        }
    }

    // --- int8 ---

    private static String affine(String tensor) {
        return """
        {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": 2}, "layers": [
        {"name": "d", "type": "dense", "size": 3, "parameters": {"W": "W"}}],
        "output": {"kind": "values"}, "tensors": {"W": {%s}}}
        """
                .formatted(tensor);
    }

    /** The bytes 1 to 6 as a matrix of 2 rows. */
    private static final String QUANTA = "\"shape\": [2, 3], \"data\": \"AQIDBAUG\"";

    private static final String INT8 = "\"dtype\": \"int8\", " + QUANTA;

    @Test
    void aQuantisedTensorIsScaledByRowOrColumn() {
        Tensor rows =
                Fixtures.load(affine(INT8 + ", \"axis\": 0, \"scale\": [0.5, 2]"))
                        .tensors()
                        .get("W");
        assertArrayEquals(new float[] {0.5f, 1, 1.5f, 8, 10, 12}, rows.values());
        Tensor columns =
                Fixtures.load(affine(INT8 + ", \"axis\": 1, \"scale\": \"AAAAPwAAAEAAAEBA\""))
                        .tensors()
                        .get("W");
        assertArrayEquals(new float[] {0.5f, 4, 9, 2, 10, 18}, columns.values());
        assertEquals(Tensor.Dtype.INT8, columns.dtype());
    }

    @Test
    void axisAndScaleStandWithInt8Only() {
        String w = " /tensors/W/";
        assertFindings(
                affine(INT8), "STRUCTURE_MISSING" + w + "axis", "STRUCTURE_MISSING" + w + "scale");
        String both = ", \"axis\": 0, \"scale\": [1, 1]";
        assertFindings(
                affine("\"dtype\": \"float16\", " + QUANTA + both),
                "STRUCTURE_UNKNOWN_KEY" + w + "axis",
                "STRUCTURE_UNKNOWN_KEY" + w + "scale");
        assertFindings(
                affine("\"dtype\": \"int4\", " + QUANTA + both), "STRUCTURE_ENUM" + w + "dtype");
        assertFindings(affine("\"dtype\": \"int4\", " + QUANTA), "STRUCTURE_ENUM" + w + "dtype");
        String axis = ", \"axis\": %s, \"scale\": [1, 1]";
        assertFindings(affine(INT8 + axis.formatted("2")), "STRUCTURE_RANGE" + w + "axis");
        assertFindings(affine(INT8 + axis.formatted("0.5")), "STRUCTURE_TYPE" + w + "axis");
        String flat = INT8.replace("[2, 3]", "[6]");
        assertFindings(affine(flat + both), "STRUCTURE_LENGTH" + w + "shape");
        assertFindings(
                affine(INT8 + ", \"axis\": 0, \"scale\": [1, \"x\", null]"),
                "STRUCTURE_TYPE" + w + "scale/1");
        assertFindings(
                affine(INT8 + ", \"axis\": 0, \"scale\": \"AAAAPw\""),
                "STRUCTURE_BASE64" + w + "scale");
    }

    @Test
    void scalesAndQuantaAreJudged() {
        String w = " /tensors/W/";
        String scaled = ", \"axis\": 0, \"scale\": [%s]";
        assertFindings(affine(INT8 + scaled.formatted("1")), "TENSOR_LENGTH" + w + "scale");
        assertFindings(affine(INT8 + scaled.formatted("1, 1.1754943508222875e-38")));
        for (String scale : List.of("0", "-1", "1.17549421e-38", "1e39")) {
            assertFindings(
                    affine(INT8 + scaled.formatted("1, " + scale)), "TENSOR_SCALE" + w + "scale");
        }
        String lowest = INT8.replace("AQIDBAUG", "AQIDBAWA");
        assertFindings(
                affine(lowest + scaled.formatted("0, 1")),
                "TENSOR_QUANTUM" + w + "data",
                "TENSOR_SCALE" + w + "scale");
        assertFindings(
                affine(INT8.replace("AQIDBAUG", "AQIDBAU=") + scaled.formatted("1, 1")),
                "TENSOR_LENGTH" + w + "data");
        assertFindings(
                affine(
                        INT8.replace("\"AQIDBAUG\"", "[1, 2, 3, 4, 5, 6]")
                                + scaled.formatted("1, 1")),
                "TENSOR_ENCODING" + w + "data");
        assertFindings(affine(INT8 + scaled.formatted("3e38, 1")), "TENSOR_NONFINITE" + w + "data");
    }
}
