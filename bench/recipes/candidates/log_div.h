/* log: s = f/(2 + f), log(1+f) = f - (h - s*(h + z*R(z))), h = f^2/2, z = s^2 */
F log_div(float x0) {
    float x = tiny(x0);
    float k = split_k(x);
    float m = split_m(x);
    float f = m - 1.0f;
    float d = 2.0f + f;
    float s = f / d;
    float z = s * s;
    float a1 = 0x1.31e03ap-2f * z;
    float a2 = a1 + 0x1.995ed8p-2f;
    float a3 = a2 * z;
    float a4 = a3 + 0x1.55557ap-1f;
    float R = a4 * z;
    float f2 = f * f;
    float h = 0.5f * f2;
    float b1 = h + R;
    float b2 = s * b1;
    float k2 = k * 0x1.7f7d1cp-20f;
    float b3 = b2 + k2;
    float b4 = h - b3;
    float b5 = f - b4;
    float k1 = k * 0x1.62e4p-1f;
    float y = b5 + k1;
    float e = log_ends(x, y);
    return e;
}
