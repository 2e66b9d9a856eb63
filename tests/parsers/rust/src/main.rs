//! Reads bodies as engines in Rust do: serde_json into structs.  The protocol is in
//! README.md.
use serde::Deserialize;
use serde_json::{json, Value};
use std::io::{self, BufRead, Write};

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    r#type: String,
    text: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: Option<Content>,
    #[allow(dead_code)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

#[derive(Deserialize)]
struct Request {
    model: String,
    messages: Option<Vec<Message>>,
    prompt: Option<Value>,
    input: Option<Value>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    max_tokens: Option<i64>,
    max_completion_tokens: Option<i64>,
    n: Option<i64>,
    tools: Option<Vec<Value>>,
}

fn texts_of(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(s) => out.push(s.clone()),
        Value::Number(n) => out.push(n.to_string()),
        Value::Array(a) => a.iter().for_each(|e| texts_of(e, out)),
        Value::Object(o) => o.iter().for_each(|(k, e)| {
            out.push(k.clone());
            texts_of(e, out)
        }),
        _ => {}
    }
}

fn message_of(m: Message) -> Value {
    let texts = match m.content {
        None => vec![],
        Some(Content::Text(s)) => vec![s],
        Some(Content::Parts(parts)) => parts
            .into_iter()
            .filter(|p| p.r#type == "text")
            .map(|p| p.text.unwrap_or_default())
            .collect(),
    };
    json!([m.role, texts])
}

fn input_of(given: Option<Value>) -> Value {
    match given {
        None => Value::Null,
        Some(Value::Array(a)) => Value::Array(a),
        Some(one) => json!([one]),
    }
}

fn read(surface: &str, body: &[u8]) -> Result<Value, serde_json::Error> {
    let r: Request = serde_json::from_slice(body)?;
    let all: Value = serde_json::from_slice(body)?;
    let mut texts = vec![];
    texts_of(&all, &mut texts);
    let max = [r.max_tokens, r.max_completion_tokens].into_iter().flatten().max();
    let messages: Option<Vec<Value>> = match surface {
        "chat" => r.messages.map(|l| l.into_iter().map(message_of).collect()),
        _ => None,
    };
    let input = match surface {
        "completions" => input_of(r.prompt),
        "embeddings" => input_of(r.input),
        _ => Value::Null,
    };
    Ok(json!({"model": r.model, "stream": r.stream.unwrap_or(false), "n": r.n, "max": max,
        "usage": r.stream_options.and_then(|o| o.include_usage).unwrap_or(false),
        "messages": messages, "input": input, "texts": texts,
        "tools": r.tools.map(|t| !t.is_empty()).unwrap_or(false)}))
}

fn decoded(text: &str) -> Vec<u8> {
    let (mut out, mut bits, mut n) = (vec![], 0u32, 0);
    for c in text.bytes() {
        let v = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(v);
        n += 6;
        if n >= 8 {
            n -= 8;
            out.push((bits >> n) as u8);
        }
    }
    out
}

fn main() {
    let mut out = io::stdout();
    for line in io::stdin().lock().lines() {
        let line = line.expect("a line");
        let (surface, text) = line.split_once(' ').expect("surface and body");
        let reading = read(surface, &decoded(text))
            .unwrap_or_else(|why| json!({"error": why.to_string()}));
        writeln!(out, "{reading}").expect("stdout");
    }
}
