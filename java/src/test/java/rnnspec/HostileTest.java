package rnnspec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever the bytes: a model or findings [stage-5]. */
class HostileTest {
    private static List<byte[]> files() {
        Model model = Fixtures.load(Fixtures.FULL);
        return List.of(
                Fixtures.bytes(Fixtures.FULL),
                Save.toBytes(model, Save.Encoding.JSON),
                Save.toBytes(model, Save.Encoding.MSGPACK),
                Fixtures.bytes(Fixtures.WIDE),
                Save.toBytes(Fixtures.load(Fixtures.WIDE), Save.Encoding.MSGPACK));
    }

    @Test
    void aFileCutOffAnywhereIsRefused() {
        for (byte[] file : files()) {
            int end = file.length;
            while (JsonReader.isWhite(file[end - 1])) {
                end--;
            }
            for (int length = 0; length < end; length++) {
                byte[] cut = Arrays.copyOf(file, length);
                List<Issue> issues = Validate.validate(cut);
                assertEquals(1, issues.size());
                assertTrue(
                        issues.get(0).place() instanceof Issue.Offset offset
                                && offset.offset() <= length);
            }
            assertTrue(Validate.validate(file).isEmpty());
        }
    }

    @Test
    void aFileWithFlippedBitsIsReadOrRefused() {
        Random random = new Random(1);
        int refused = 0;
        for (byte[] file : files()) {
            for (int i = 0; i < 2_000; i++) {
                byte[] bytes = file.clone();
                for (int n = 1 + random.nextInt(3); n > 0; n--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                refused += loads(bytes) ? 0 : 1;
            }
        }
        assertTrue(refused > 3_000);
    }

    @Test
    void aFileWithPiecesMovedIsReadOrRefused() {
        Random random = new Random(2);
        for (byte[] file : files()) {
            for (int i = 0; i < 2_000; i++) {
                byte[] bytes = file.clone();
                int length = 1 + random.nextInt(20);
                int from = random.nextInt(bytes.length - length);
                int to = random.nextInt(bytes.length - length);
                System.arraycopy(bytes, from, bytes, to, length);
                loads(bytes);
            }
        }
    }

    /** Whether the bytes are a model; a model also compiles, and its examples run. */
    private static boolean loads(byte[] bytes) {
        List<Issue> issues = Validate.validate(bytes);
        if (Findings.anyError(issues)) {
            issues.forEach(issue -> assertFalse(issue.message().isEmpty()));
            assertThrows(RnnspecException.class, () -> Load.load(bytes));
            return false;
        }
        assertNotNull(SelfTest.run(Load.load(bytes)));
        return true;
    }

    /** Memory is claimed by what is there, never by what is announced. */
    @Test
    void bombsFindNoMemoryToWaste() {
        List<byte[]> bombs = new ArrayList<>();
        bombs.add(new byte[] {(byte) 0xDF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF});
        // Nested arrays that each announce a million elements.
        byte[] nested = new byte[1_000_000];
        Arrays.fill(nested, (byte) 0xC0);
        nested[0] = (byte) 0x81;
        nested[1] = (byte) 0xA1;
        for (int i = 3; i < 3 + 5 * 31; i += 5) {
            nested[i] = (byte) 0xDD;
            nested[i + 1] = 0;
            nested[i + 2] = 0x0C;
        }
        bombs.add(nested);
        String head = "{\"tensors\":{\"w\":{\"data\":[";
        bombs.add(Fixtures.bytes(head + ",".repeat(1_000_000)));
        bombs.add(Fixtures.bytes(head + "1,\"" + ",".repeat(1_000_000)));
        bombs.add(Fixtures.bytes("{\"a\":\"" + "\\u0000".repeat(200_000)));
        bombs.add(Fixtures.bytes("{\"a\":" + "9".repeat(1_000_000) + "}"));
        for (byte[] bomb : bombs) {
            assertEquals(1, Validate.validate(bomb).size());
        }
        String shape =
                Fixtures.with(
                        Fixtures.FULL,
                        "\"shape\": [4, 2]",
                        "\"shape\": [2147483647, 2147483647, 2147483647]");
        assertEquals(
                "LIMIT_ELEMENTS", Validate.validate(Fixtures.bytes(shape)).get(0).code().code());
        assertEquals(
                "TENSOR_LENGTH",
                Validate.validate(
                                Fixtures.bytes(shape),
                                Limits.DEFAULT.with("elements", Long.MAX_VALUE))
                        .stream()
                        .map(issue -> issue.code().code())
                        .filter(code -> code.equals("TENSOR_LENGTH"))
                        .findFirst()
                        .orElse("not found"));
    }

    @Test
    void manyFindingsAreCutAtAHundredErrorsFirst() {
        String tokens = "\"\",".repeat(200) + "\"a\"";
        String json =
                """
                {"rnnspec": "1.0-draft.3", "input": {"kind": "tokens", "vocabulary": "v"},
                "vocabularies": {"v": {"unit": "codepoint", "tokens": [%s]}},
                "layers": [{"name": "input", "type": "one_hot"}], "output": {"kind": "values"}, "tensors": {}}
                """
                        .formatted(tokens);
        List<Issue> issues = Validate.validate(Fixtures.bytes(json));
        assertEquals(100, issues.size());
        assertEquals("NAME_RESERVED", issues.get(0).code().code());
    }

    @Test
    void aFileLargerThanTheLimitIsNotEvenOpened(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("model");
        Files.write(path, Fixtures.bytes(Fixtures.FULL));
        assertEquals(8, Load.load(path).layers().size());
        Limits small = Limits.DEFAULT.with("size", 100);
        assertEquals(
                "LIMIT_SIZE",
                assertThrows(RnnspecException.class, () -> Load.load(path, small)).code());
        Files.write(path, new byte[0]);
        assertEquals(
                "BYTES_EMPTY", assertThrows(RnnspecException.class, () -> Load.load(path)).code());
        assertThrows(IOException.class, () -> Load.load(folder.resolve("absent")));
        assertThrows(IllegalArgumentException.class, () -> small.with("none", 1));
    }
}
