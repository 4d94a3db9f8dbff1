package rnnspec;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The commands of the protocol that read and write files (SPEC section 17.1). */
final class AdapterFiles {
    private AdapterFiles() {}

    static Map<String, Object> validate(Map<String, Object> request) {
        Validate.Reading reading = Validate.read(document(request), limits(request));
        Map<String, Object> result = findings(reading.issues());
        if (reading.model() != null) {
            result.put("structure", Digest.structure(reading.model()));
            result.put("fingerprint", Digest.fingerprint(reading.model()));
        }
        return result;
    }

    static Map<String, Object> readState(Map<String, Object> request) {
        SavedState.Reading reading = SavedState.read(document(request), limits(request));
        Map<String, Object> result = findings(reading.issues());
        if (reading.state() != null) {
            result.put("state", AdapterArrays.state(reading.state()));
        }
        return result;
    }

    static Map<String, Object> writeState(Map<String, Object> request) {
        State state = AdapterArrays.state(request.get("state"));
        String structure = (String) request.get("structure");
        return written(SavedState.toBytes(state, encoding(request), structure));
    }

    static Map<String, Object> convert(Model model, Map<String, Object> request) {
        return written(Save.toBytes(model, encoding(request)));
    }

    static byte[] document(Map<String, Object> request) {
        return Base64.getDecoder().decode(Adapter.text(request, "document"));
    }

    private static Map<String, Object> written(byte[] bytes) {
        return Map.of("document", Base64.getEncoder().encodeToString(bytes));
    }

    private static Save.Encoding encoding(Map<String, Object> request) {
        String encoding = Adapter.text(request, "encoding").toUpperCase(Locale.ROOT);
        return Save.Encoding.valueOf(encoding);
    }

    private static Limits limits(Map<String, Object> request) {
        Limits limits = Limits.DEFAULT;
        if (request.get("limits") instanceof Map<?, ?> given) {
            for (Map.Entry<?, ?> limit : given.entrySet()) {
                long value = ((Double) limit.getValue()).longValue();
                limits = limits.with((String) limit.getKey(), value);
            }
        }
        return Boolean.TRUE.equals(request.get("try_anyway")) ? limits.tryingAnyway() : limits;
    }

    private static Map<String, Object> findings(List<Issue> issues) {
        List<Object> findings = new ArrayList<>();
        for (Issue issue : issues) {
            Object place =
                    issue.place() instanceof Issue.Offset offset
                            ? (Object) offset.offset()
                            : ((Issue.Pointer) issue.place()).pointer();
            findings.add(
                    DocumentWriter.members(
                            "code",
                            issue.code().code(),
                            "stage",
                            issue.code().stage().name().toLowerCase(Locale.ROOT),
                            "severity",
                            issue.code().severity().name().toLowerCase(Locale.ROOT),
                            "place",
                            place));
        }
        return DocumentWriter.members("findings", findings);
    }
}
