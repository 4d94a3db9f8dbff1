package rnnspec;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What is thrown when a file can't be read or a call can't be carried out: one or more findings.
 */
public final class RnnspecException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Issue> issues;

    RnnspecException(List<Issue> issues) {
        super(issues.stream().map(Issue::message).collect(Collectors.joining("\n")));
        this.issues = List.copyOf(issues);
    }

    /** A fault found in reading the bytes. */
    static RnnspecException at(Codes.Code code, int offset, String... arguments) {
        return new RnnspecException(List.of(Issue.of(code, new Issue.Offset(offset), arguments)));
    }

    /** A fault in the argument of a call. */
    static RnnspecException in(Codes.Code code, String argument, String... arguments) {
        return new RnnspecException(
                List.of(Issue.of(code, new Issue.Argument(argument), arguments)));
    }

    /**
     * The findings, of which at least one has the severity error.
     *
     * @return all findings, the errors first
     */
    public List<Issue> issues() {
        return issues;
    }

    /**
     * The code of the first finding.
     *
     * @return a name of SPEC section 16, such as {@code RUN_SHAPE}
     */
    public String code() {
        return issues.get(0).code().code();
    }
}
