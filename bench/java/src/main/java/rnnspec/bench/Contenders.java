package rnnspec.bench;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import rnnspec.Plan;

/** The contenders by name: rnnspec, and the two ways of ONNX Runtime, made and given. */
enum Contenders {
    RNNSPEC {
        @Override
        Loaded load(Net net, byte[] file) {
            Plan plan = Ours.load(file);
            return mode -> new Ours(plan, net, mode);
        }
    },
    MADE {
        @Override
        Loaded load(Net net, byte[] file) throws OrtException {
            OrtSession session = OnnxRuntime.load(file);
            return mode -> new OnnxRuntime(session, net, mode, false);
        }
    },
    GIVEN {
        @Override
        Loaded load(Net net, byte[] file) throws OrtException {
            OrtSession session = OnnxRuntime.load(file);
            return mode -> new OnnxRuntime(session, net, mode, true);
        }
    };

    /** A net that is ready for any mode. */
    interface Loaded {
        Contender in(Mode mode) throws OrtException;
    }

    abstract Loaded load(Net net, byte[] file) throws OrtException;

    /** What its files are called. */
    String ending() {
        return this == RNNSPEC ? "rnn" : "onnx";
    }

    /** How far from our output it may be. */
    float allowed() {
        return this == RNNSPEC ? 0 : Net.FAR;
    }
}
