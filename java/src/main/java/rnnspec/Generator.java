package rnnspec;

/** Random words: xoshiro128** with its seeding (SPEC [decode-3], [decode-4]). */
final class Generator {
    private final int[] s;

    /** A generator in the state of these four words. */
    Generator(int... s) {
        this.s = s;
    }

    /** A generator in the state that a seed gives. */
    static Generator of(long seed) {
        int[] s = new int[4];
        for (int i = 0; i < s.length; i++) {
            s[i] = mix((int) seed + (i + 1) * 0x9E3779B9);
        }
        return new Generator(s);
    }

    static int mix(int z) {
        int y = (z ^ z >>> 16) * 0x85EBCA6B;
        y = (y ^ y >>> 13) * 0xC2B2AE35;
        return y ^ y >>> 16;
    }

    /** The next word of 32 bits. */
    int word() {
        int result = Integer.rotateLeft(s[1] * 5, 7) * 9;
        int t = s[1] << 9;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = Integer.rotateLeft(s[3], 11);
        return result;
    }

    /** A number from 0 to below 1, of 53 bits. */
    double draw() {
        long high = word() >>> 5;
        long low = word() >>> 6;
        return (high * 0x1p26 + low) * 0x1p-53;
    }
}
