package rnnspec;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;

/** Pieces of text as they are asked for. */
final class TextPieces implements Iterator<String> {
    private final TextDecoder decoder;
    private final PrimitiveIterator.OfInt ids;
    private String piece = "";

    TextPieces(TextDecoder decoder, PrimitiveIterator.OfInt ids) {
        this.decoder = decoder;
        this.ids = ids;
    }

    @Override
    public boolean hasNext() {
        while (piece.isEmpty() && ids.hasNext()) {
            piece = decoder.piece(ids.nextInt());
        }
        if (piece.isEmpty()) {
            piece = decoder.end();
        }
        return !piece.isEmpty();
    }

    @Override
    public String next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        String next = piece;
        piece = "";
        return next;
    }
}
