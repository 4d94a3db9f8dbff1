package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedStateTest {
    /** Every kind of bits that a finite element can have. */
    private static final float[] BITS = {
        -0f, Float.MIN_VALUE, -0x1p-60f, Float.MAX_VALUE, 1 / 3f, 0
    };

    private static final State STATE =
            State.of(
                    Map.of(
                            "l",
                            Map.of("h", Tensor.of(BITS, 2, 3), "c", Tensor.of(new float[2], 2, 1)),
                            "g" + "x".repeat(127),
                            Map.of("h", Tensor.of(BITS, 2, 3)),
                            "both",
                            Map.of(
                                    "h",
                                    Tensor.of(new float[2], 2, 1),
                                    "c_reverse",
                                    Tensor.of(BITS, 2, 3),
                                    "h_reverse",
                                    Tensor.of(new float[] {3, 4}, 2, 1))));

    private static final String SMALL =
            """
            {"rnnspec": "1.0-draft.3", "metadata": {"made": null}, "structure": "%s", "state": {"l": {"h": "a", "c": "b"}},
            "tensors": {"a": {"dtype": "float32", "shape": [1, 2], "data": [1, 2], "extensions": {"ACME_x": 1}},
            "b": {"dtype": "float32", "shape": [1, 3], "data": [1, 2, 3]}}}
            """
                    .formatted("0123456789abcdef".repeat(4));

    private static int[] bits(Tensor tensor) {
        int[] bits = new int[tensor.size()];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(tensor.get(i));
        }
        return bits;
    }

    private static List<String> findings(String json) {
        return SavedState.read(Fixtures.bytes(json), Limits.DEFAULT).issues().stream()
                .map(issue -> issue.code().code() + " " + issue.where())
                .toList();
    }

    @Test
    void everyBitComesBack(@TempDir Path folder) throws IOException {
        for (Save.Encoding encoding : Save.Encoding.values()) {
            byte[] bytes = SavedState.toBytes(STATE, encoding);
            Path path = folder.resolve("state");
            Files.write(path, bytes);
            State[] all = {
                SavedState.load(bytes),
                SavedState.load(path),
                SavedState.load(new ByteArrayInputStream(bytes))
            };
            for (State read : all) {
                assertEquals(STATE.layers().keySet(), read.layers().keySet());
                STATE.layers()
                        .forEach(
                                (layer, arrays) ->
                                        arrays.forEach(
                                                (name, array) ->
                                                        assertArrayEquals(
                                                                bits(array),
                                                                bits(
                                                                        read.layers()
                                                                                .get(layer)
                                                                                .get(name)))));
            }
        }
        State none = SavedState.load(SavedState.toBytes(State.of(Map.of()), Save.Encoding.JSON));
        assertEquals(Map.of(), none.layers());
    }

    /** Jackson and ByteBuffer read what is written. */
    @Test
    void theFileIsWhatTheTableSays() throws IOException {
        String digest = "a".repeat(64);
        byte[] bytes = SavedState.toBytes(STATE, Save.Encoding.JSON, digest);
        JsonNode json = new ObjectMapper().readTree(bytes);
        List<String> members = new ArrayList<>();
        json.fieldNames().forEachRemaining(members::add);
        assertEquals(List.of("rnnspec", "structure", "state", "tensors"), members);
        assertEquals(digest, json.get("structure").textValue());
        JsonNode tensor = json.get("tensors").get(json.get("state").get("l").get("h").textValue());
        assertEquals("[2,3]", tensor.get("shape").toString());
        ByteBuffer values =
                ByteBuffer.wrap(tensor.get("data").binaryValue()).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : BITS) {
            assertEquals(Float.floatToRawIntBits(value), values.getInt());
        }
    }

    @Test
    void aRunGoesOnFromAFile() {
        Plan plan = Plan.compile(new Fixtures.Net(2, 3, 1, 1).model());
        float[] x = Fixtures.floats(new Random(1), 20, 1);
        Tensor whole = Run.run(plan, x).output();
        Session session = new Session(plan);
        float[] out = new float[1];
        for (int t = 0; t < 10; t++) {
            if (t == 5) {
                byte[] file = SavedState.toBytes(session.state(), Save.Encoding.MSGPACK);
                session = new Session(plan);
                session.restore(SavedState.load(file));
            }
            session.step(new float[] {x[2 * t], x[2 * t + 1]}, out);
            assertEquals(Float.floatToRawIntBits(whole.get(t)), Float.floatToRawIntBits(out[0]));
        }
    }

    @Test
    void aWrongFileIsRefused() {
        assertEquals(List.of(), findings(SMALL));
        String[][] wrong = {
            {"\"structure\": \"0", "\"structure\": \"g", "STRUCTURE_ENUM /structure"},
            {"\"structure\": \"0", "\"structure\": \"00", "STRUCTURE_ENUM /structure"},
            {"{\"l\": {", "{\"1\": {", "STRUCTURE_NAME /state/1"},
            {"{\"h\": \"a\", ", "{", "STRUCTURE_MISSING /state/l/h"},
            {"\"state\":", "\"input\": 1, \"state\":", "STRUCTURE_UNKNOWN_KEY /input"},
            {"[1, 2]", "[2, 1]", "TENSOR_SHAPE /state/l/c"},
            {"[1, 3]", "[1, 1, 3]", "TENSOR_SHAPE /state/l/c"},
            {
                "\"c\": \"b\"",
                "\"c\": \"a\"",
                "TENSOR_REUSED /state/l/c",
                "TENSOR_UNUSED /tensors/b"
            },
            {
                "\"c\": \"b\"",
                "\"c\": \"x\"",
                "TENSOR_UNKNOWN /state/l/c",
                "TENSOR_UNUSED /tensors/b"
            },
            {"1, 2, 3]}", "1, 2, 1e39]}", "TENSOR_NONFINITE /tensors/b/data"},
            {"1.0-draft.3", "1.0", "VERSION_UNSUPPORTED /rnnspec"},
        };
        for (String[] one : wrong) {
            List<String> expected = List.of(one).subList(2, one.length);
            assertEquals(expected, findings(Fixtures.with(SMALL, one[0], one[1])));
        }
        byte[] other = Fixtures.bytes(SMALL.replace("1.0-draft.3", "2.0"));
        SavedState.Reading tried = SavedState.read(other, Limits.DEFAULT.tryingAnyway());
        assertEquals("VERSION_TRIED", tried.issues().get(0).code().code());
        assertEquals(1, tried.state().layers().size());
        assertThrows(RnnspecException.class, () -> SavedState.load(other));
    }

    private static void assertRefused(String code, Map<String, Map<String, Tensor>> layers) {
        State state = State.of(layers);
        RnnspecException found =
                assertThrows(
                        RnnspecException.class,
                        () -> SavedState.toBytes(state, Save.Encoding.MSGPACK));
        assertEquals(code, found.code());
    }

    @Test
    void whatCouldNotBeReadIsNotWritten() {
        Tensor h = Tensor.of(new float[3], 1, 3);
        Tensor nan = Tensor.of(new float[] {Float.NaN}, 1, 1);
        assertRefused("RUN_STATE", Map.of("l", Map.of("c", h)));
        assertRefused("RUN_STATE", Map.of("l", Map.of("h", h, "x", h)));
        assertRefused("STRUCTURE_NAME", Map.of("1", Map.of("h", h)));
        assertRefused("RUN_STATE", Map.of("l", Map.of("h", Tensor.of(new float[3], 3))));
        assertRefused("RUN_STATE", Map.of("l", Map.of("h", Tensor.of(new float[0], 0, 3))));
        assertRefused("RUN_STATE", Map.of("l", Map.of("h", Tensor.of(new float[0], 1, 0))));
        assertRefused(
                "RUN_STATE", Map.of("l", Map.of("h", nan, "c", Tensor.of(new float[2], 2, 1))));
        assertRefused("RUN_NONFINITE_INPUT", Map.of("l", Map.of("h", h, "c", nan)));
        for (String digest : List.of("", "A".repeat(64), "a".repeat(65))) {
            RnnspecException found =
                    assertThrows(
                            RnnspecException.class,
                            () -> SavedState.toBytes(STATE, Save.Encoding.JSON, digest));
            assertEquals("STRUCTURE_ENUM", found.code());
            assertEquals(new Issue.Argument("structure"), found.issues().get(0).place());
        }
    }
}
