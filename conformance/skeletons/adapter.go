// An adapter for the rnnspec conformance suite (SPEC.md, section 17.1): a skeleton to fill in.
//
// It reads one JSON object a line and answers each with one line. Only `start` and `stop` are done; all else is
// answered with `skipped`. Print nothing else on standard output: os.Stderr is for your own words.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"
)

type object = map[string]any

var greeting = object{
	"name":     "my-runtime", // of your runtime
	"version":  "0.0.1",
	"language": "Go",
	"formats":  []string{"1.0-draft.3"}, // versions of the format that you read
	"classes":  []string{"player"},      // player, validator, or complete: SPEC.md, 17.2
	"levels":   []string{"exact"},
	"features": []string{}, // what you can do so far: begin with json and dense
}

type request struct {
	Seq      int    `json:"seq"`
	Command  string `json:"command"`
	Document []byte `json:"document"` // base64 is undone here
	// … and what the other commands bring: Chunks, State, Limits
}

// answer gives result, error or skipped for a request.
func answer(r request) object {
	switch r.Command {
	case "start":
		return object{"result": greeting}
	case "stop":
		return object{"result": object{}}
	// case "validate": the findings of your reader for r.Document; a player answers an error, or no findings
	// case "run": the chunks -> {"result": {"chunks": [{"output": …, "state": …}]}}
	default:
		// The suite asks only for declared features, and a declared feature must not be skipped.
		return object{"skipped": object{"feature": r.Command}}
	}
}

func main() {
	in := bufio.NewReader(os.Stdin) // no Scanner: a line may have 64 MiB
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return // the end of the input
		}
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			log.Fatal(err)
		}
		reply := answer(r)
		reply["seq"] = r.Seq
		written, err := json.Marshal(reply)
		if err != nil {
			log.Fatal(err)
		}
		os.Stdout.Write(append(written, '\n'))
		if r.Command == "stop" {
			return
		}
	}
}
