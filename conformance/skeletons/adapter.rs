// An adapter for the rnnspec conformance suite (SPEC.md, section 17.1): a skeleton to fill in.
//
// It reads one JSON object a line and answers each with one line. Only `start` and `stop` are done; all else is
// answered with `skipped`. Print nothing else on standard output: eprintln! is for your own words.

use std::io::{self, BufRead, Write};

// features: what you can do so far; begin with json and dense.
const GREETING: &str = r#"{"name": "my-runtime", "version": "0.0.1", "language": "Rust",
 "formats": ["1.0-draft.3"], "classes": ["player"], "levels": ["exact"], "features": []}"#;

/// `"result": …`, `"error": …` or `"skipped": …` for a request.
fn answer(command: &str, _request: &str) -> String {
    match command {
        "\"start\"" => format!("\"result\": {}", GREETING.replace('\n', "")),
        "\"stop\"" => "\"result\": {}".to_string(),
        // "\"validate\"" => the member "document" is base64; give the findings of your reader.
        //     A player answers an error, or {"findings": []}.
        // "\"run\"" => "chunks" -> "result": {"chunks": [{"output": …, "state": …}]}
        //
        // The suite asks only for declared features, and a declared feature must not be skipped.
        _ => format!("\"skipped\": {{\"feature\": {command}}}"),
    }
}

/// A member of a JSON object as it is written, such as `7` or `"start"`. It is enough to begin with: your runtime
/// will need a real reader of JSON, and then this one can go.
fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    let bytes = object.as_bytes();
    let mut depth = 0;
    let mut start = None; // of the value that is looked for
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'"' => {
                let mut end = i + 1;
                while *bytes.get(end)? != b'"' {
                    end += if bytes[end] == b'\\' { 2 } else { 1 };
                }
                let mut colon = end + 1;
                while bytes.get(colon) == Some(&b' ') {
                    colon += 1;
                }
                if depth == 1 && bytes.get(colon) == Some(&b':') && &object[i + 1..end] == name {
                    start = Some(colon + 1);
                }
                i = end;
            }
            b'{' | b'[' => depth += 1,
            c @ (b'}' | b']' | b',') => {
                if let (Some(from), 1) = (start, depth) {
                    return Some(object[from..i].trim());
                }
                if c != b',' {
                    depth -= 1;
                }
            }
            _ => {}
        }
        i += 1;
    }
    None
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let command = member(&line, "command").expect("a request has a command");
        let seq = member(&line, "seq").expect("a request has a seq");
        writeln!(out, "{{\"seq\": {seq}, {}}}", answer(command, &line))?;
        out.flush()?; // or the suite waits for ever
        if command == "\"stop\"" {
            break;
        }
    }
    Ok(())
}
