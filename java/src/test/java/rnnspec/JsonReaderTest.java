package rnnspec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compared with Jackson, made as strict as it can be. */
class JsonReaderTest {
    private static final ObjectMapper JACKSON =
            new ObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private static final ObjectMapper ESCAPING =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static final String[] TEXTS = {
        "", "a", "tensors", "data", "é", "\u0000\n\"\\/", "😀", "\uffff"
    };

    private static Object random(Random random, int depth) {
        int kind = random.nextInt(depth == 0 ? 5 : 7);
        switch (kind) {
            case 0:
                return null;
            case 1:
                return random.nextBoolean();
            case 2:
                return TEXTS[random.nextInt(TEXTS.length)] + random.nextInt(3);
            case 3:
                return (double) random.nextInt(2000) - 1000;
            case 4:
                return random.nextGaussian() * Math.pow(10, random.nextInt(600) - 300);
            case 5:
                List<Object> list = new ArrayList<>();
                for (int n = random.nextInt(4); n > 0; n--) {
                    list.add(random(random, depth - 1));
                }
                return list;
            default:
                return randomObject(random, depth);
        }
    }

    private static Map<String, Object> randomObject(Random random, int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int n = random.nextInt(5); n > 0; n--) {
            map.put(TEXTS[random.nextInt(TEXTS.length)], random(random, depth - 1));
        }
        return map;
    }

    /** Jackson's value with every number a double and −0 as 0. */
    private static Object plain(Object value) {
        if (value instanceof Number number) {
            return number.doubleValue() + 0.0;
        } else if (value instanceof List<?> list) {
            return list.stream().collect(ArrayList::new, (l, x) -> l.add(plain(x)), List::addAll);
        } else if (value instanceof Map<?, ?> map) {
            Map<Object, Object> copy = new LinkedHashMap<>();
            map.forEach((key, member) -> copy.put(key, plain(member)));
            return copy;
        }
        return value;
    }

    @Test
    void randomDocumentsReadAsJacksonReadsThem() throws IOException {
        Random random = new Random(1);
        for (int i = 0; i < 3000; i++) {
            Map<String, Object> document = randomObject(random, 4);
            if (document.get("tensors") instanceof Map) {
                document.remove("tensors");
            }
            byte[] json =
                    switch (i % 3) {
                        case 0 -> JACKSON.writeValueAsBytes(document);
                        case 1 -> ESCAPING.writeValueAsBytes(document);
                        default -> JsonWriter.write(document);
                    };
            Object read = JsonReader.read(json, Limits.DEFAULT);
            assertEquals(plain(JACKSON.readValue(json, Object.class)), read);
            assertEquals(plain(document), read);
        }
    }

    @Test
    void mutatedDocumentsAreRefusedWhereJacksonRefusesThem() {
        String alphabet = "{}[],:\"\\ \n01234-+.eEtrufalsn";
        Random random = new Random(2);
        int refused = 0;
        int accepted = 0;
        for (int i = 0; i < 10000; i++) {
            StringBuilder text =
                    new StringBuilder(
                            "{\"a\": [1, -2.5e+3, true, \"x\\n\"], \"b\": {\"c\": null}}");
            for (int n = random.nextInt(2) + 1; n > 0; n--) {
                int at = 1 + random.nextInt(text.length() - 1);
                char c = alphabet.charAt(random.nextInt(alphabet.length()));
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, c);
                    case 1 -> text.insert(at, c);
                    default -> text.deleteCharAt(at);
                }
            }
            Object expected;
            try {
                expected = plain(JACKSON.readValue(text.toString(), Object.class));
            } catch (JsonProcessingException e) {
                expected = null;
            }
            Object got;
            try {
                got = JsonReader.read(Fixtures.bytes(text.toString()), Limits.DEFAULT);
            } catch (RnnspecException e) {
                got = e.code().equals("SYNTAX_NUMBER_RANGE") ? expected : null;
            }
            assertEquals(expected, got, text.toString());
            accepted += got == null ? 0 : 1;
            refused += got == null ? 1 : 0;
        }
        assertTrue(
                accepted > 1000 && refused > 1000, accepted + " accepted, " + refused + " refused");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":01}|SYNTAX_UNEXPECTED|6",
                "{\"a\":1.x}|SYNTAX_UNEXPECTED|7",
                "{\"a\":nul]|SYNTAX_UNEXPECTED|5",
                "{\"a\":tru|SYNTAX_END|8",
                "{\"a\":1e400|SYNTAX_NUMBER_RANGE|5",
                "{\"a\":1,\"\\u0061\":2}|SYNTAX_DUPLICATE_KEY|7",
                "{\"a\":\"\\ud800\\u0041\"}|SYNTAX_SURROGATE|6",
                "{\"a\":\"\\ud800\\uzzzz\"}|SYNTAX_UNEXPECTED|12",
                "{\"a\":\"\\ud800\\n\"}|SYNTAX_SURROGATE|6",
                "{\"a\":\"x\\q\"}|SYNTAX_UNEXPECTED|7",
                "{} x|SYNTAX_TRAILING|3",
                "{\"tensors\":{\"w\":{\"data\":[1,1e999]}}}|SYNTAX_NUMBER_RANGE|27",
                "{\"tensors\":{\"w\":{\"data\":[1,[2,2|SYNTAX_END|31",
                "{\"tensors\":{\"w\":{\"data\":[1,,2]}}}|SYNTAX_UNEXPECTED|27",
            })
    void aFaultHasItsCodeAndPlace(String json, String code, int offset) {
        RnnspecException found =
                assertThrows(
                        RnnspecException.class,
                        () -> JsonReader.read(Fixtures.bytes(json), Limits.DEFAULT));
        assertEquals(code, found.code());
        assertEquals(new Issue.Offset(offset), found.issues().get(0).place());
    }

    @Test
    void tensorDataIsReadAsFloatsAndNothingElseIs() {
        String json =
                "{\"tensors\":{\"w\":{\"data\":[1, -2.5 ,3e0]},\"v\":{\"data\":[1,\"]\",{\"data\":[0]},2]},"
                        + "\"u\":{\"data\":\"AA\\/\\u0041\"},\"t\":{\"x\":[1]}},\"data\":[2]}";
        Map<String, Object> read = JsonReader.read(Fixtures.bytes(json), Limits.DEFAULT);
        assertEquals(List.of(2.0), read.get("data"));
        Map<?, ?> tensors = (Map<?, ?>) read.get("tensors");
        JsonReader.Decimals w = (JsonReader.Decimals) ((Map<?, ?>) tensors.get("w")).get("data");
        assertEquals(3, w.count());
        assertEquals(-2.5f, w.values()[1]);
        JsonReader.Decimals v = (JsonReader.Decimals) ((Map<?, ?>) tensors.get("v")).get("data");
        assertEquals(1, v.count());
        assertEquals("a string", v.offender());
        JsonReader.Base64Text u =
                (JsonReader.Base64Text) ((Map<?, ?>) tensors.get("u")).get("data");
        assertEquals("AA/A", Utf8.text(u.bytes(), u.from(), u.from() + u.length()));
        assertEquals(Map.of("x", List.of(1.0)), tensors.get("t"));
    }

    @Test
    void aMillionBracketsNeedNoStack() {
        String open = "{\"a\":" + "[".repeat(1_000_000);
        Limits deep = Limits.DEFAULT.with("depth", 2_000_000).with("values", 2_000_000);
        RnnspecException found =
                assertThrows(
                        RnnspecException.class, () -> JsonReader.read(Fixtures.bytes(open), deep));
        assertEquals("SYNTAX_END", found.code());
        String whole = open + "]".repeat(1_000_000) + "}";
        assertEquals(1, JsonReader.read(Fixtures.bytes(whole), deep).size());
        found =
                assertThrows(
                        RnnspecException.class,
                        () -> JsonReader.read(Fixtures.bytes(whole), Limits.DEFAULT));
        assertEquals("LIMIT_DEPTH", found.code());
    }
}
