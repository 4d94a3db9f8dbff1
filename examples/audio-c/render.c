/* Plays a WAV file through a net, block by block, as a plugin would.
 *
 *     render IN.wav OUT.wav [BLOCK]
 *
 * In goes one channel, 16-bit PCM or 32-bit float; out come 32-bit floats, the same bits as of `rnnspec run`, however long the
 * blocks are. amp.h is what `rnnspec export amp.rnn --to c-header` wrote, and kernel/ computes it.
 */
#include "amp.h"
#include "wav.h"

enum { BLOCK = 128 };

int main(int count, char **words) {
    static float input[MOST], output[MOST];
    const long block = count == 4 ? strtol(words[3], NULL, 10) : BLOCK;
    if (count < 3 || count > 4 || block < 1 || block > MOST) {
        fprintf(stderr, "usage: render IN.wav OUT.wav [BLOCK]   samples at a time, 1 to %d; %d without it\n", MOST, BLOCK);
        return 2;
    }
    source in = open_wav(words[1]);
    if (in.rate != AMP_SAMPLE_RATE) fail(words[1], "has %u samples a second, and the net is made for %d: resample it", in.rate, AMP_SAMPLE_RATE);
    if (in.left > (UINT32_MAX - HEADER) / 4) fail(words[1], "is too long for a WAV file of floats");
    FILE *out = create_wav(words[2], in.rate, in.left);

    void *memory = malloc(amp_bytes(1, 64)); /* all of it; from here on nothing is asked for */
    amp_net *net = amp_start(memory, 1, 64);
    if (!net) fail("memory", "there is not enough");
    while (in.left) {
        const uint32_t steps = read_block(&in, words[1], input, (uint32_t)block);
        if (!amp_run(net, input, output, steps)) fail(words[1], "the net is not finite: is there a NaN among the samples?");
        write_block(out, words[2], output, steps);
    }
    finish_wav(out, words[2]);
    fclose(in.file);
    free(memory);
    return 0;
}
