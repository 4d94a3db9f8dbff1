// An adapter for the rnnspec conformance suite (SPEC.md, section 17.1): a skeleton to fill in.
//
// It reads one JSON object a line and answers each with one line. Only `start` and `stop` are done; all else is
// answered with `skipped`. Print nothing else on standard output: System.err is for your own words.

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

public final class Adapter {
    private static final String GREETING =
            """
            {"name": "my-runtime", "version": "0.0.1", "language": "Java",\
             "formats": ["1.0-draft.3"], "classes": ["player"], "levels": ["exact"],\
             "features": []}\
            """; // features: what you can do so far; begin with json and dense

    private Adapter() {}

    /** {@code "result": …}, {@code "error": …} or {@code "skipped": …} for a request. */
    private static String answer(String command, String request) {
        return switch (command) {
            case "\"start\"" -> "\"result\": " + GREETING;
            case "\"stop\"" -> "\"result\": {}";
            // case "\"validate\"": the member "document" is base64; give the findings of your reader.
            // A player answers an error, or {"findings": []}.
            // case "\"run\"": "chunks" -> "result": {"chunks": [{"output": …, "state": …}]}
            //
            // The suite asks only for declared features, and a declared feature must not be skipped.
            default -> "\"skipped\": {\"feature\": " + command + "}";
        };
    }

    /**
     * A member of a JSON object as it is written, such as {@code 7} or {@code "start"}; null if there is none. It is
     * enough to begin with: your runtime will need a real reader of JSON, and then this one can go.
     */
    private static String member(String object, String name) {
        int depth = 0;
        int start = -1; // of the value that is looked for
        for (int i = 0; i < object.length(); i++) {
            char c = object.charAt(i);
            if (c == '"') {
                int end = i + 1;
                while (object.charAt(end) != '"') end += object.charAt(end) == '\\' ? 2 : 1;
                int colon = end + 1;
                while (colon < object.length() && object.charAt(colon) <= ' ') colon++;
                boolean isName = depth == 1 && colon < object.length() && object.charAt(colon) == ':';
                if (isName && object.substring(i + 1, end).equals(name)) start = colon + 1;
                i = end;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']' || c == ',') {
                if (start >= 0 && depth == 1) return object.substring(start, i).strip();
                if (c != ',') depth--;
            }
        }
        return null;
    }

    public static void main(String[] arguments) throws IOException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String command = member(line, "command");
            out.print("{\"seq\": " + member(line, "seq") + ", " + answer(command, line) + "}\n");
            out.flush(); // or the suite waits for ever
            if (command.equals("\"stop\"")) return;
        }
    }
}
