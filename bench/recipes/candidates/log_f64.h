/* binary64 inside: 2*atanh(f/(2 + f)) by its Taylor series, rounded to float32 once */
F log_f64(float x0) {
    float x = tiny(x0);
    float k0 = split_k(x);
    float m0 = split_m(x);
    double k = (double)k0;
    double m = (double)m0;
    double f = m - 1.0;
    double d = m + 1.0;
    double s = f / d;
    double z = s * s;
    double a1 = 0x1.3b13b13b13b14p-3 * z;
    double a2 = a1 + 0x1.745d1745d1746p-3;
    double a3 = a2 * z;
    double a4 = a3 + 0x1.c71c71c71c71cp-3;
    double a5 = a4 * z;
    double a6 = a5 + 0x1.2492492492492p-2;
    double a7 = a6 * z;
    double a8 = a7 + 0x1.999999999999ap-2;
    double a9 = a8 * z;
    double a10 = a9 + 0x1.5555555555555p-1;
    double b1 = a10 * z;
    double b2 = b1 + 2.0;
    double b3 = b2 * s;
    double k1 = k * 0x1.62e42fefa39efp-1;
    double b4 = b3 + k1;
    float y = (float)b4;
    float e = log_ends(x, y);
    return e;
}
