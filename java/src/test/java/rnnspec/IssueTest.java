package rnnspec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IssueTest {
    private static final Map<String, String> ALL =
            Map.of("expected", "<e>", "got", "<g>", "limit", "<l>", "name", "<n>");

    @Test
    void everyCodeRendersWithAllItsPlaceholders() {
        assertFalse(Codes.CODES.isEmpty());
        for (Codes.Code code : Codes.CODES.values()) {
            Issue issue = new Issue(code, new Issue.Offset(3), ALL);
            assertEquals(
                    "%s: %s, at byte 3: %s; %s"
                            .formatted(code.code(), issue.what(), issue.expected(), issue.fix()),
                    issue.message());
            for (String name : ALL.keySet()) {
                String templates = code.what() + code.expected() + code.fix();
                assertEquals(
                        templates.contains("{" + name + "}"),
                        issue.message().contains(ALL.get(name)),
                        issue.message());
                if (templates.contains("{" + name + "}")) {
                    Map<String, String> less = new HashMap<>(ALL);
                    less.remove(name);
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> new Issue(code, new Issue.Offset(3), less));
                }
            }
        }
    }

    @Test
    void aDoubledBraceIsABrace() {
        Issue issue = new Issue(Codes.BYTES_BOM, new Issue.Offset(0), Map.of());
        assertTrue(issue.expected().contains("`{`"), issue.expected());
    }

    @Test
    void textOfOthersIsMadeHarmlessAndCut() {
        assertEquals(
                "\"a<U+001B>[31m<U+202E><U+0000>é😀\"", Issue.quote("a\u001b[31m\u202e\u0000é😀"));
        assertEquals('"' + "x".repeat(39) + "…\"", Issue.quote("x".repeat(41)));
        assertEquals('"' + "x".repeat(40) + '"', Issue.quote("x".repeat(40)));
        Issue issue =
                new Issue(
                        Codes.RUN_PRIME, new Issue.Pointer("/\u001b" + "y".repeat(5000)), Map.of());
        assertTrue(issue.message().length() < 200 && !issue.message().contains("\u001b"));
        assertTrue(
                issue.where().startsWith("/<U+001B>yy")
                        && issue.where().endsWith("…" + "y".repeat(33)));
        assertEquals("/\u001b" + "y".repeat(5000), ((Issue.Pointer) issue.place()).pointer());
    }

    /** Whatever a caller forgets to quote. */
    @Test
    void argumentsAreMadeHarmlessInAnyCase() {
        Issue issue = Issue.of(Codes.RUN_TEXT, new Issue.Argument("text"), "got", "\n".repeat(99));
        assertTrue(issue.what().startsWith("the text holds <U+000A><U+000A>"), issue.what());
        assertTrue(issue.message().length() <= 300, issue.message());
    }

    @Test
    void anExceptionCarriesItsFindings() {
        RnnspecException found =
                assertThrows(
                        RnnspecException.class,
                        () -> Fixtures.load("{\"rnnspec\": \"1.0-draft.3\", \"input\": 1}"));
        assertTrue(found.issues().size() > 1);
        assertEquals(
                "STRUCTURE_TYPE",
                found.issues().stream()
                        .filter(issue -> issue.place().equals(new Issue.Pointer("/input")))
                        .findFirst()
                        .orElseThrow()
                        .code()
                        .code());
        assertTrue(found.getMessage().contains("/input"));
    }
}
