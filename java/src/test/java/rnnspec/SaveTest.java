package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SaveTest {
    private static final Model MODEL = Fixtures.load(Fixtures.FULL);

    private static List<byte[]> encodings(Model model) {
        return List.of(
                Save.toBytes(model, Save.Encoding.JSON),
                Save.toBytes(model, Save.Encoding.JSON, Save.Numbers.DECIMAL),
                Save.toBytes(model, Save.Encoding.MSGPACK));
    }

    @Test
    void everyEncodingComesBackWhole() {
        byte[] msgpack = Save.toBytes(MODEL, Save.Encoding.MSGPACK);
        for (byte[] bytes : encodings(MODEL)) {
            Model read = Load.load(bytes);
            assertArrayEquals(msgpack, Save.toBytes(read, Save.Encoding.MSGPACK));
            assertEquals(MODEL.metadata(), read.metadata());
            assertEquals(MODEL.texts(), read.texts());
            assertEquals(MODEL.layers(), read.layers());
            assertEquals(MODEL.examples(), read.examples());
            assertEquals(MODEL.vocabularies(), read.vocabularies());
            assertEquals(Tensor.Dtype.FLOAT16, read.tensors().get("R").dtype());
        }
    }

    @Test
    void everyDtypeAndOptionComesBack() {
        Model model = Fixtures.load(Fixtures.WIDE);
        byte[] msgpack = Save.toBytes(model, Save.Encoding.MSGPACK);
        for (byte[] bytes : encodings(model)) {
            Model read = Load.load(bytes);
            assertArrayEquals(msgpack, Save.toBytes(read, Save.Encoding.MSGPACK));
            assertEquals(model.layers(), read.layers());
            assertEquals(model.decoding(), read.decoding());
            model.tensors()
                    .forEach(
                            (name, tensor) -> {
                                Tensor same = read.tensors().get(name);
                                assertEquals(tensor.dtype(), same.dtype(), name);
                                assertArrayEquals(tensor.values(), same.values(), name);
                                assertArrayEquals(tensor.bytes(), same.bytes(), name);
                            });
            assertArrayEquals(
                    new float[] {0.5f, 0.1f}, read.tensors().get("W").quantised().scales());
            assertEquals(Digest.fingerprint(model), Digest.fingerprint(read));
        }
        // Which of two dtypes holds a value does not matter to the digest.
        String other =
                Fixtures.with(
                        Fixtures.WIDE,
                        "\"bfloat16\", \"shape\": [2], \"data\": \"gD8AQA==\"",
                        "\"float32\", \"shape\": [2], \"data\": [1, 2]");
        assertEquals(Digest.fingerprint(model), Digest.fingerprint(Fixtures.load(other)));
        String clip = Fixtures.with(Fixtures.WIDE, "\"clip\": 1e38", "\"clip\": 1e37");
        assertNotEquals(Digest.structure(model), Digest.structure(Fixtures.load(clip)));
        // Only the nearest binary32 of such a number counts.
        String near = Fixtures.with(Fixtures.WIDE, "\"clip\": 1e38", "\"clip\": 9.9999999e37");
        assertEquals(Digest.structure(model), Digest.structure(Fixtures.load(near)));
    }

    @Test
    void membersStandInTheOrderOfTheSpecification() throws IOException {
        JsonNode json = new ObjectMapper().readTree(Save.toBytes(MODEL, Save.Encoding.JSON));
        List<String> names = new ArrayList<>();
        json.fieldNames().forEachRemaining(names::add);
        assertEquals(
                List.of(
                        "rnnspec",
                        "name",
                        "license",
                        "metadata",
                        "input",
                        "vocabularies",
                        "layers",
                        "output",
                        "decoding",
                        "examples",
                        "extensions",
                        "extensions_required",
                        "tensors"),
                names);
        assertEquals("tiny é😀", json.get("name").textValue());
        String text = new String(Save.toBytes(MODEL, Save.Encoding.JSON, Save.Numbers.DECIMAL));
        assertTrue(
                text.contains(
                        "\n    \"E\": {\"dtype\": \"float32\", \"shape\": [4, 2], \"data\": [0.1, -0.2, 0.3, 4, 5, 6, 7, -0.8]},\n"),
                text);
    }

    @Test
    void theDigestsKnowWhatMatters() {
        String structure = Digest.structure(MODEL);
        String fingerprint = Digest.fingerprint(MODEL);
        assertTrue(structure.matches("[0-9a-f]{64}") && !structure.equals(fingerprint));
        for (byte[] bytes : encodings(MODEL)) {
            assertEquals(structure, Digest.structure(Load.load(bytes)));
            assertEquals(fingerprint, Digest.fingerprint(Load.load(bytes)));
        }
        // Names for people, tensor names, storage dtype and what T takes away do not matter.
        for (String[] same :
                new String[][] {
                    {"tiny", "other"},
                    {"\"a\": [1,", "\"a\": [2,"},
                    {"\"W\"", "\"Weights\""},
                    {"1e-30, 0, -1", "0, -1e-20, -1"},
                    {
                        "\"float16\", \"shape\": [1, 4], \"data\": \"ADwAOAA0ADA=\"",
                        "\"float32\", \"shape\": [1, 4], \"data\": [1, 0.5, 0.25, 0.125]"
                    }
                }) {
            String json = Fixtures.FULL;
            if (same[0].equals("\"W\"")) {
                json =
                        json.replace("\"W\": \"W\"", "\"W\": \"Weights\"")
                                .replace("\"W\": {", "\"Weights\": {");
            } else {
                json = Fixtures.with(json, same[0], same[1]);
            }
            assertEquals(fingerprint, Digest.fingerprint(Fixtures.load(json)), same[0]);
        }
        Model weight = Fixtures.load(Fixtures.with(Fixtures.FULL, "4.5]", "4.6]"));
        assertEquals(structure, Digest.structure(weight));
        assertNotEquals(fingerprint, Digest.fingerprint(weight));
        Model temperature =
                Fixtures.load(
                        Fixtures.with(
                                Fixtures.FULL, "\"temperature\": 0.5", "\"temperature\": 0.6"));
        assertEquals(structure, Digest.structure(temperature));
        assertNotEquals(fingerprint, Digest.fingerprint(temperature));
        Model token = Fixtures.load(Fixtures.with(Fixtures.FULL, "\"b\", \"é\"", "\"c\", \"é\""));
        assertNotEquals(structure, Digest.structure(token));
    }

    @Test
    void decimalsComeBackAndAreShort() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            if (!Float.isFinite(value) || value == 0) {
                continue;
            }
            String text = Shortest.decimal(value);
            assertEquals(
                    Float.floatToRawIntBits(value),
                    Float.floatToRawIntBits((float) Double.parseDouble(text)));
            int digits = new BigDecimal(text).stripTrailingZeros().precision();
            int platform = new BigDecimal(Float.toString(value)).stripTrailingZeros().precision();
            assertTrue(digits <= platform, text + " for " + value);
        }
    }

    @Test
    void decimalsThatAreEasyToMiss() {
        assertEquals("0", Shortest.decimal(0f));
        assertEquals("-1e-46", Shortest.decimal(-0f));
        assertEquals("1", Shortest.decimal(1f));
        assertEquals("-0.1", Shortest.decimal(-0.1f));
        assertEquals("120000", Shortest.decimal(120000f));
        assertEquals("1e-45", Shortest.decimal(Float.MIN_VALUE));
        assertEquals("34028235e31", Shortest.decimal(Float.MAX_VALUE));
        // Its shortest decimal does not survive two roundings [tensor-7].
        float odd = 7.038531e-26f;
        assertNotEquals(odd, (float) 7.038531e-26);
        assertEquals(odd, (float) Double.parseDouble(Shortest.decimal(odd)));
    }

    @Test
    void deepMetadataNeedsNoStack() {
        String deep = "[".repeat(200_000) + "]".repeat(200_000);
        String json = Fixtures.with(Fixtures.FULL, "{\"c\": -1e-3}", deep);
        Limits limits = Limits.DEFAULT.with("depth", 1_000_000);
        Model model = Load.load(Fixtures.bytes(json), limits);
        for (byte[] bytes : encodings(model)) {
            assertEquals(Digest.fingerprint(MODEL), Digest.fingerprint(Load.load(bytes, limits)));
        }
    }
}
