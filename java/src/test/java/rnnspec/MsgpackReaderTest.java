package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.value.Value;

/** Compared with the stock msgpack package. */
class MsgpackReaderTest {
    private static final String[] TEXTS = {
        "", "a", "é😀", "x".repeat(31), "y".repeat(32), "z".repeat(300)
    };

    /** Packs a random value and gives what reading it must give. */
    private static Object pack(MessageBufferPacker packer, Random random, int depth)
            throws IOException {
        switch (random.nextInt(depth == 0 ? 7 : 9)) {
            case 0 -> {
                packer.packNil();
                return null;
            }
            case 1 -> {
                boolean truth = random.nextBoolean();
                packer.packBoolean(truth);
                return truth;
            }
            case 2 -> {
                String text = TEXTS[random.nextInt(TEXTS.length)];
                packer.packString(text);
                return text;
            }
            case 3 -> {
                long n = random.nextLong() >> random.nextInt(64);
                packer.packLong(n);
                return (double) n;
            }
            case 4 -> {
                BigInteger n = new BigInteger(64, random).setBit(63);
                packer.packBigInteger(n);
                return n.doubleValue();
            }
            case 5 -> {
                double x = random.nextGaussian();
                packer.packDouble(x);
                return x;
            }
            case 6 -> {
                float x = (float) random.nextGaussian();
                packer.packFloat(x);
                return (double) x;
            }
            case 7 -> {
                int count = random.nextInt(20);
                packer.packArrayHeader(count);
                Object[] list = new Object[count];
                for (int i = 0; i < count; i++) {
                    list[i] = pack(packer, random, depth - 1);
                }
                return Arrays.asList(list);
            }
            default -> {
                return packMap(packer, random, depth);
            }
        }
    }

    private static Map<String, Object> packMap(MessageBufferPacker packer, Random random, int depth)
            throws IOException {
        int count = random.nextInt(20);
        packer.packMapHeader(count);
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            packer.packString("k" + i);
            map.put("k" + i, pack(packer, random, depth - 1));
        }
        return map;
    }

    @Test
    void whatTheStockPackageWritesIsRead() throws IOException {
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
                Map<String, Object> map = packMap(packer, random, 3);
                assertEquals(map, MsgpackReader.read(packer.toByteArray(), Limits.DEFAULT));
            }
        }
    }

    @Test
    void whatIsWrittenIsReadByTheStockPackage() throws IOException {
        Random random = new Random(2);
        for (int i = 0; i < 2000; i++) {
            try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
                byte[] ours = MsgpackWriter.write(packMap(packer, random, 3));
                Value read = MessagePack.newDefaultUnpacker(ours).unpackValue();
                try (MessageBufferPacker again = MessagePack.newDefaultBufferPacker()) {
                    again.packValue(read);
                    // The stock package, too, writes the shortest forms.
                    assertArrayEquals(again.toByteArray(), ours);
                }
            }
        }
    }

    @Test
    void aBinIsAViewOfTheInput() {
        byte[] bytes = HexFormat.of().parseHex("81a161c403010203");
        MsgpackReader.Bytes bin =
                (MsgpackReader.Bytes) MsgpackReader.read(bytes, Limits.DEFAULT).get("a");
        assertEquals(new MsgpackReader.Bytes(bytes, 5, 3), bin);
    }

    @ParameterizedTest
    @CsvSource({
        "81a161, SYNTAX_END, 3",
        "81a161c1, SYNTAX_FORMAT, 3",
        "81a161d401ff, SYNTAX_FORMAT, 3",
        "8101c0, SYNTAX_KEY, 1",
        "82a161c0a161c0, SYNTAX_DUPLICATE_KEY, 4",
        "81a161a2c328, SYNTAX_UTF8, 4",
        "81a161cb7ff0000000000000, SYNTAX_NUMBER_RANGE, 3",
        "81a161ca7fc00000, SYNTAX_NUMBER_RANGE, 3",
        "81a161dd01000000, SYNTAX_END, 3",
        "81a161c6ffffffff, SYNTAX_END, 3",
        "81a161dbffffffff, SYNTAX_END, 3",
        "81a161df7fffffff, SYNTAX_END, 3",
        "81a161c0c0, SYNTAX_TRAILING, 4",
        "81a161cd01, SYNTAX_END, 3",
        "82a161c0, SYNTAX_END, 0",
    })
    void aFaultHasItsCodeAndPlace(String hex, String code, int offset) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        RnnspecException found =
                assertThrows(
                        RnnspecException.class, () -> MsgpackReader.read(bytes, Limits.DEFAULT));
        assertEquals(code, found.code());
        assertEquals(new Issue.Offset(offset), found.issues().get(0).place());
    }

    @Test
    void aMillionArraysNeedNoStack() {
        byte[] bytes = new byte[1_000_003];
        Arrays.fill(bytes, (byte) 0x91);
        bytes[0] = (byte) 0x81;
        bytes[1] = (byte) 0xA1;
        bytes[2] = 'a';
        Limits deep = Limits.DEFAULT.with("depth", 2_000_000).with("values", 2_000_000);
        RnnspecException found =
                assertThrows(RnnspecException.class, () -> MsgpackReader.read(bytes, deep));
        assertEquals("SYNTAX_END", found.code());
        bytes[bytes.length - 1] = 1;
        assertEquals(1, MsgpackReader.read(bytes, deep).size());
        assertEquals(
                List.of("LIMIT_DEPTH"),
                Validate.validate(bytes).stream().map(issue -> issue.code().code()).toList());
    }
}
