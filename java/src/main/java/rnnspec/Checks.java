package rnnspec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import rnnspec.Findings.Path;

/** What the tables of the structure pass are made of: the types and ranges of SPEC section 5. */
class Checks {
    /** A name of a layer, tensor or vocabulary [doc-5]. */
    static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,127}");

    /** The same for people. */
    static final String NAME_SHAPE = "a letter, then up to 127 of A-Za-z0-9_.-";

    /** The upper end of a range that has none. */
    static final double FARTHEST = Double.POSITIVE_INFINITY;

    /** Judges a value at its place. */
    interface Check {
        void check(Object value, Path path);
    }

    /** One line of a table. */
    record Member(String name, boolean required, Check check) {}

    final Findings findings;

    Checks(Findings findings) {
        this.findings = findings;
    }

    static Member must(String name, Check check) {
        return new Member(name, true, check);
    }

    static Member may(String name, Check check) {
        return new Member(name, false, check);
    }

    /** An object with these members and no others [doc-2]. */
    void object(Object value, Path path, Member... members) {
        if (!(value instanceof Map<?, ?> map)) {
            wrongType("an object", value, path);
            return;
        }
        Map<String, Member> table = new LinkedHashMap<>();
        for (Member member : members) {
            table.put(member.name, member);
        }
        for (Object key : map.keySet()) {
            if (!table.containsKey(key) && !findings.isFull()) {
                findings.add(
                        Codes.STRUCTURE_UNKNOWN_KEY,
                        path.to(key),
                        "got",
                        Issue.quote((String) key),
                        "expected",
                        Choices.of(table.keySet(), (String) key));
            }
        }
        for (Member member : members) {
            if (map.containsKey(member.name)) {
                member.check.check(map.get(member.name), path.to(member.name));
            } else if (member.required) {
                missing(path, member.name, "it in every object of this kind");
            }
        }
    }

    private void missing(Path path, String name, String expected) {
        findings.add(Codes.STRUCTURE_MISSING, path.to(name), "name", name, "expected", expected);
    }

    /**
     * The word of the member by which objects of several kinds are told apart; empty, with the one
     * finding, if there is none [doc-6].
     */
    String variant(String member, Object value, Path path, List<String> words) {
        if (!(value instanceof Map<?, ?> map)) {
            wrongType("an object", value, path);
        } else if (!map.containsKey(member)) {
            missing(path, member, Choices.of(words));
        } else {
            words(words).check(map.get(member), path.to(member));
            if (map.get(member) instanceof String word && words.contains(word)) {
                return word;
            }
        }
        return "";
    }

    /** An object of things whose names are judged, such as those of [doc-5]. */
    Check named(Check name, Check check) {
        return (value, path) -> {
            if (!(value instanceof Map<?, ?> map)) {
                wrongType("an object", value, path);
                return;
            }
            map.forEach(
                    (key, member) -> {
                        name.check(key, path.to(key));
                        check.check(member, path.to(key));
                    });
        };
    }

    Check list(int least, Check element) {
        return (value, path) -> {
            if (!(value instanceof List<?> list)) {
                wrongType("a list", value, path);
            } else if (list.size() < least) {
                wrongLength(least + " or more elements", list.size(), path);
            } else {
                int i = 0;
                for (Object any : list) {
                    element.check(any, path.to(i++));
                }
            }
        };
    }

    void text(Object value, Path path) {
        if (!(value instanceof String)) {
            wrongType("a string", value, path);
        }
    }

    void name(Object value, Path path) {
        text(value, path);
        if (value instanceof String name && !NAME.matcher(name).matches()) {
            wrongName(NAME_SHAPE, name, path);
        }
    }

    void wrongName(String expected, String name, Path path) {
        findings.add(Codes.STRUCTURE_NAME, path, "expected", expected, "got", Issue.quote(name));
    }

    Check words(List<String> words) {
        return (value, path) -> {
            text(value, path);
            if (value instanceof String word && !words.contains(word)) {
                findings.add(
                        Codes.STRUCTURE_ENUM,
                        path,
                        "expected",
                        Choices.of(words, word),
                        "got",
                        Issue.quote(word));
            }
        };
    }

    Check integer(double low, double high) {
        Check range = number(low, high);
        return (value, path) -> {
            if (value instanceof Double n && n != Math.rint(n)) {
                wrongType("an integer", value, path);
            } else {
                range.check(value, path);
            }
        };
    }

    Check number(double low, double high) {
        return (value, path) -> {
            if (!(value instanceof Double n)) {
                wrongType("a number", value, path);
            } else if (n < low || n > high) {
                findings.add(
                        Codes.STRUCTURE_RANGE,
                        path,
                        "expected",
                        high == FARTHEST ? show(low) + " or more" : show(low) + " to " + show(high),
                        "got",
                        show(n));
            }
        };
    }

    void wrongType(String expected, Object value, Path path) {
        findings.add(Codes.STRUCTURE_TYPE, path, "expected", expected, "got", show(value));
    }

    void wrongLength(String expected, int got, Path path) {
        findings.add(
                Codes.STRUCTURE_LENGTH, path, "expected", expected, "got", Integer.toString(got));
    }

    /** A value for people. */
    static String show(Object value) {
        if (value instanceof Double n) {
            return n == Math.rint(n) && Math.abs(n) < 0x1p53
                    ? Long.toString(n.longValue())
                    : n.toString();
        } else if (value instanceof String text) {
            return Issue.quote(text);
        } else if (value instanceof List) {
            return "a list";
        } else if (value instanceof Map) {
            return "an object";
        } else if (value instanceof MsgpackReader.Bytes) {
            return "bytes";
        }
        return String.valueOf(value);
    }
}
