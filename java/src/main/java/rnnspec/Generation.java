package rnnspec;

import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;

/** Tokens as they are asked for; always one token ahead, to know whether the end has come. */
final class Generation implements PrimitiveIterator.OfInt {
    private final Session session;
    private final Integer end;
    private final Sampler sampler;
    private final float[] out;
    private final int[] id = new int[1];

    /** How many more to give, or −1 for no end. */
    private int left;

    /** Ids that have to be fed before the next token can be chosen, and how many have been. */
    private int[] pending;

    private int fed;
    private boolean isChosen;

    /** Feeds first the start id, if it is called for, and the prime [decode-5]. */
    Generation(
            Plan plan,
            Model.Vocabulary vocabulary,
            int[] prime,
            Decoding.Options options,
            Sampler sampler) {
        Integer start = vocabulary.start();
        boolean isBeginning = options.state() == null || prime.length == 0;
        IntStream first = start != null && isBeginning ? IntStream.of(start) : IntStream.empty();
        pending = IntStream.concat(first, IntStream.of(prime)).toArray();
        if (pending.length == 0) {
            throw RnnspecException.in(Codes.RUN_PRIME, "prime");
        }
        this.sampler = sampler;
        left = options.count() == null ? -1 : options.count();
        end = vocabulary.end();
        session = Run.session(plan, 1, options.state());
        out = new float[plan.outputWidth()];
    }

    @Override
    public boolean hasNext() {
        if (left == 0) {
            return false;
        }
        if (!isChosen) {
            for (; fed < pending.length; fed++) {
                id[0] = pending[fed];
                session.step(id, out);
            }
            int token = sampler.choose(session.logits());
            pending = new int[] {token};
            fed = 0;
            isChosen = true;
            left = end != null && token == end ? 0 : left;
        }
        return left != 0;
    }

    @Override
    public int nextInt() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        isChosen = false;
        left -= left > 0 ? 1 : 0;
        return pending[0];
    }
}
