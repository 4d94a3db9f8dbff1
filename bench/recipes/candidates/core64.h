/* The same core in binary64 with a Taylor polynomial: exp(x) = 2^n * (1 + u) */
D core64_n(double x) {
    double t = x * 0x1.71547652b82fep+0;
    double a = t + 0x1.8p52;
    double n = a - 0x1.8p52;
    return n;
}
D core64_u(double x, double n) {
    double n1 = n * 0x1.62e42fefa39efp-1;
    double r = x - n1;
    double z = r * r;
    double a1 = 0x1.a01a01a01a01ap-16 * r;
    double a2 = a1 + 0x1.a01a01a01a01ap-13;
    double a3 = a2 * r;
    double a4 = a3 + 0x1.6c16c16c16c17p-10;
    double a5 = a4 * r;
    double a6 = a5 + 0x1.1111111111111p-7;
    double a7 = a6 * r;
    double a8 = a7 + 0x1.5555555555555p-5;
    double a9 = a8 * r;
    double a10 = a9 + 0x1.5555555555555p-3;
    double a11 = a10 * r;
    double a12 = a11 + 0.5;
    double b = z * a12;
    double u = r + b;
    return u;
}
