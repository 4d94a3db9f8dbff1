package rnnspec;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What structure and agreement find: up to 100 findings, errors before warnings [stage-3]. */
final class Findings {
    private static final int MOST = 100;

    /**
     * A place in the document, written out only if something is found there.
     *
     * @param outer the object or list that it is in, or null for the top level
     * @param step its key or index there
     */
    record Path(Path outer, Object step) {
        static final Path TOP = new Path(null, "");

        Path to(Object step) {
            return new Path(this, step);
        }

        /** The JSON Pointer (RFC 6901). */
        String pointer() {
            List<String> steps = new ArrayList<>();
            for (Path path = this; path.outer != null; path = path.outer) {
                steps.add(path.step.toString().replace("~", "~0").replace("/", "~1"));
            }
            StringBuilder pointer = new StringBuilder();
            for (int i = steps.size() - 1; i >= 0; i--) {
                pointer.append('/').append(steps.get(i));
            }
            return pointer.toString();
        }
    }

    private final List<Issue> errors = new ArrayList<>();
    private final List<Issue> warnings = new ArrayList<>();

    /** Adds a finding; arguments are name, text, name, text, and so on. */
    void add(Codes.Code code, Path path, String... arguments) {
        List<Issue> found = code.severity() == Codes.Severity.ERROR ? errors : warnings;
        if (found.size() < MOST) {
            found.add(Issue.of(code, new Issue.Pointer(path.pointer()), arguments));
        }
    }

    /** Judges an id against the number of ids. */
    void checkId(int id, int count, Path path) {
        if (id >= count) {
            add(
                    Codes.ID_RANGE,
                    path,
                    "expected",
                    Integer.toString(count - 1),
                    "got",
                    Integer.toString(id));
        }
    }

    /** Judges whether a list, if there is one, has as many elements as something known. */
    boolean checkCount(List<?> list, int expected, Path path) {
        if (list == null || expected < 0 || list.size() == expected) {
            return true;
        }
        add(
                Codes.LABELS_COUNT,
                path,
                "expected",
                Integer.toString(expected),
                "got",
                Integer.toString(list.size()));
        return false;
    }

    /** Whether one more error would not be told. */
    boolean isFull() {
        return errors.size() >= MOST;
    }

    boolean hasErrors() {
        return !errors.isEmpty();
    }

    /** All findings; a file must not look sound because its warnings crowd out an error. */
    List<Issue> all() {
        List<Issue> all = new ArrayList<>(errors);
        all.addAll(warnings.subList(0, Math.min(warnings.size(), MOST - all.size())));
        return List.copyOf(all);
    }

    static boolean anyError(List<Issue> issues) {
        Predicate<Issue> isError = issue -> issue.code().severity() == Codes.Severity.ERROR;
        return issues.stream().anyMatch(isError);
    }
}
