package rnnspec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Versions, trying anyway, and extensions (SPEC 5.1, 5.3). */
class VersionsTest {
    private static final Limits TRYING = Limits.DEFAULT.tryingAnyway();

    private static List<String> findings(String json, Limits limits) {
        return Validate.validate(Fixtures.bytes(json), limits).stream()
                .map(issue -> issue.code().code() + " " + issue.where())
                .sorted()
                .toList();
    }

    @Test
    void anotherVersionIsRefusedUnlessTried() {
        String other = Fixtures.FULL.replace("1.0-draft.3", "1.0-draft.2");
        assertEquals(List.of("VERSION_UNSUPPORTED /rnnspec"), findings(other, Limits.DEFAULT));
        assertEquals(List.of("VERSION_TRIED /rnnspec"), findings(other, TRYING));
        Model model = Load.load(Fixtures.bytes(other), TRYING);
        assertEquals(Digest.fingerprint(Fixtures.load(Fixtures.FULL)), Digest.fingerprint(model));
        assertThrows(RnnspecException.class, () -> Fixtures.load(other));
        // What is not known here is refused all the same, and so is what is no version.
        String unknown = Fixtures.with(other, "\"softmax\"", "\"sparsemax\"");
        assertEquals(
                List.of("STRUCTURE_ENUM /layers/7/function", "VERSION_TRIED /rnnspec"),
                findings(unknown, TRYING));
        String none = Fixtures.with(other, "1.0-draft.2", "1.0-draft.03");
        assertEquals(List.of("VERSION_MALFORMED /rnnspec"), findings(none, TRYING));
        assertEquals(List.of(), findings(Fixtures.FULL, TRYING));
        assertEquals(3, TRYING.with("depth", 3).depth());
        assertEquals(true, TRYING.with("depth", 3).tryAnyway());
    }

    @Test
    void whatAFileRequiresIsRefusedBeforeAllElse() {
        String required = "\"extensions_required\": [\"ACME_a\", \"acme_b\", 1, \"ACME_a\"]";
        String json = Fixtures.with(Fixtures.FULL, "\"extensions_required\": []", required);
        List<String> expected =
                List.of(
                        "EXTENSION_UNKNOWN /extensions_required/0",
                        "EXTENSION_UNKNOWN /extensions_required/3");
        assertEquals(expected, findings(json, Limits.DEFAULT));
        assertEquals(expected, findings(json, TRYING));
        assertEquals(
                List.of(expected.get(0), expected.get(1), "VERSION_TRIED /rnnspec"),
                findings(json.replace("1.0-draft.3", "9.9"), TRYING));
        assertEquals(
                List.of(
                        "STRUCTURE_NAME /extensions_required/0",
                        "STRUCTURE_TYPE /extensions_required/1"),
                findings(json.replace("\"ACME_a\", ", "").replace(", \"ACME_a\"", ""), TRYING));
    }

    @Test
    void extensionsHaveAVendor() {
        for (String name : List.of("A_x", "ABC9_.", "Z".repeat(32) + "_" + "-".repeat(95))) {
            assertEquals(List.of(), findings(Fixtures.FULL.replace("ACME_e", name), TRYING));
        }
        for (String name :
                List.of("acme_x", "9A_x", "A_", "_x", "A_é", "A_x\\n", "Z".repeat(33) + "_x")) {
            String json = Fixtures.FULL.replace("ACME_e", name);
            assertEquals(1, findings(json, TRYING).size(), name);
            assertEquals("STRUCTURE_NAME", findings(json, TRYING).get(0).split(" ")[0]);
        }
    }

    @Test
    void extensionsAreKeptAndChangeNothing() {
        Model model = Fixtures.load(Fixtures.FULL);
        Model bare =
                Fixtures.load(
                        Fixtures.FULL.replaceAll(
                                ", \"extensions\": \\{\"ACME_[ver]\": ([^{}]*|\\{.*?})}(?=})", ""));
        assertEquals(null, bare.layers().get(0).extensions());
        assertEquals(Digest.fingerprint(model), Digest.fingerprint(bare));
        for (Save.Encoding encoding : Save.Encoding.values()) {
            Model read = Load.load(Save.toBytes(model, encoding));
            assertEquals(
                    Map.of("ACME_top", Map.of("deep", Map.of("er", List.of(true)))),
                    read.extensions());
            assertEquals(model.tensorExtensions(), read.tensorExtensions());
            assertEquals(1, read.tensorExtensions().get("R").size());
            assertEquals(model.layers(), read.layers());
            assertEquals(model.vocabularies(), read.vocabularies());
            assertEquals(List.of(), read.extensionsRequired());
        }
    }

    /** A default that is written is the same net; another value is another one. */
    @Test
    void aDefaultDoesNotShowInTheDigests() {
        Model model = Fixtures.load(Fixtures.FULL);
        Model without =
                Fixtures.load(Fixtures.with(Fixtures.FULL, "\"output\": \"sequence\", ", ""));
        assertEquals(Digest.structure(model), Digest.structure(without));
        String tiny = Fixtures.with(Fixtures.FULL, "1e-38", "-2e-20");
        assertEquals(Digest.structure(model), Digest.structure(Fixtures.load(tiny)));
        String[][] others = {{"\"after\"", "\"before\""}, {"0.125", "0.25"}, {"softsign", "tanh"}};
        for (String[] other : others) {
            String json = Fixtures.FULL.replace(other[0], other[1]).replace(", \"rb\": \"rb\"", "");
            json = json.replaceAll("(?m)^ *\"rb\": .*$", "");
            String base =
                    Fixtures.FULL
                            .replace(", \"rb\": \"rb\"", "")
                            .replaceAll("(?m)^ *\"rb\": .*$", "");
            assertEquals(
                    false,
                    Digest.structure(Fixtures.load(base))
                            .equals(Digest.structure(Fixtures.load(json))));
        }
        String share = Fixtures.with(Fixtures.FULL, "0.9}", "0.8}");
        assertEquals(Digest.structure(model), Digest.structure(Fixtures.load(share)));
        assertEquals(
                false, Digest.fingerprint(model).equals(Digest.fingerprint(Fixtures.load(share))));
    }
}
