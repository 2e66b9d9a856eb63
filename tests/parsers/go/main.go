// main.go -- reads bodies as engines in Go do: encoding/json into structs with the members
// of Ollama's OpenAI middleware, the first value of the body, and content parts both as
// maps (Ollama) and as structs (LocalAI).
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type function struct {
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

type toolCall struct {
	ID       string   `json:"id"`
	Index    int      `json:"index"`
	Type     string   `json:"type"`
	Function function `json:"function"`
}

type message struct {
	Role       string          `json:"role"`
	Content    json.RawMessage `json:"content"`
	Reasoning  string          `json:"reasoning,omitempty"`
	ToolCalls  []toolCall      `json:"tool_calls,omitempty"`
	Name       string          `json:"name,omitempty"`
	ToolCallID string          `json:"tool_call_id,omitempty"`
}

type part struct {
	Type     string          `json:"type"`
	Text     string          `json:"text"`
	ImageURL json.RawMessage `json:"image_url"`
}

type tool struct {
	Type     string `json:"type"`
	Function struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Parameters  json.RawMessage `json:"parameters"`
	} `json:"function"`
}

type request struct {
	Model         string    `json:"model"`
	Messages      []message `json:"messages"`
	Prompt        any       `json:"prompt"`
	Input         any       `json:"input"`
	Stream        bool      `json:"stream"`
	StreamOptions *struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	MaxTokens           *int64   `json:"max_tokens"`
	MaxCompletionTokens *int64   `json:"max_completion_tokens"`
	N                   *int64   `json:"n"`
	Seed                *int64   `json:"seed"`
	Stop                any      `json:"stop"`
	Temperature         *float64 `json:"temperature"`
	TopP                *float64 `json:"top_p"`
	Suffix              string   `json:"suffix"`
	ResponseFormat      *struct {
		Type       string `json:"type"`
		JsonSchema *struct {
			Schema json.RawMessage `json:"schema"`
		} `json:"json_schema"`
	} `json:"response_format"`
	Tools []tool `json:"tools"`
}

type reading struct {
	Error    string   `json:"error,omitempty"`
	Model    string   `json:"model"`
	Stream   bool     `json:"stream"`
	Usage    bool     `json:"usage"`
	N        *int64   `json:"n"`
	Max      *int64   `json:"max"`
	Messages []any    `json:"messages"`
	Input    []any    `json:"input"`
	Tools    bool     `json:"tools"`
	Texts    []string `json:"texts"`
}

// Every string, name and number of a value.
func textsOf(v any, out []string) []string {
	switch t := v.(type) {
	case string:
		return append(out, t)
	case json.Number:
		return append(out, t.String())
	case []any:
		for _, e := range t {
			out = textsOf(e, out)
		}
	case map[string]any:
		for k, e := range t {
			out = textsOf(e, append(out, k))
		}
	}
	return out
}

func contentOf(raw json.RawMessage) ([]string, error) {
	texts := []string{}
	if len(raw) == 0 || string(raw) == "null" {
		return texts, nil
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return append(texts, s), nil
	}
	var parts []part
	if err := json.Unmarshal(raw, &parts); err != nil {
		return nil, err
	}
	for _, p := range parts {
		if p.Type == "text" {
			texts = append(texts, p.Text)
		}
	}
	return texts, nil
}

func inputOf(v any) []any {
	switch t := v.(type) {
	case nil:
		return nil
	case []any:
		return t
	default:
		return []any{t}
	}
}

func larger(a, b *int64) *int64 {
	if a == nil || (b != nil && *b > *a) {
		return b
	}
	return a
}

func read(surface string, body []byte) (*reading, error) {
	var r request
	var all any
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&r); err != nil {
		return nil, err
	}
	d = json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&all); err != nil {
		return nil, err
	}
	got := &reading{Model: r.Model, Stream: r.Stream, N: r.N, Tools: len(r.Tools) > 0,
		Max: larger(r.MaxTokens, r.MaxCompletionTokens), Texts: textsOf(all, nil),
		Usage: r.StreamOptions != nil && r.StreamOptions.IncludeUsage}
	if surface == "completions" {
		got.Input = inputOf(r.Prompt)
	} else if surface == "embeddings" {
		got.Input = inputOf(r.Input)
	}
	if surface != "chat" {
		return got, nil
	}
	for _, m := range r.Messages {
		content, err := contentOf(m.Content)
		if err != nil {
			return nil, err
		}
		got.Messages = append(got.Messages, []any{m.Role, content})
	}
	return got, nil
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		surface, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		body, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			fmt.Fprintln(os.Stderr, "main.go: not base64")
			os.Exit(1)
		}
		got, err := read(surface, body)
		if err != nil {
			got = &reading{Error: err.Error()}
		}
		out.Encode(got)
	}
}
