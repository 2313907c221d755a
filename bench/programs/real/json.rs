//! A JSON parser into an owned tree, with the collections of Rust's standard library. Reads standard input, some
//! rounds over (the first argument), and prints what it found.

use std::collections::BTreeMap;
use std::io::Read;

#[derive(Debug, Clone)]
enum Value {
    Null,
    Boolean(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Object(BTreeMap<String, Value>),
}

struct Parser<'a> {
    input: &'a [u8],
    at: usize,
}

type Parsed<T> = Result<T, String>;

impl<'a> Parser<'a> {
    fn new(input: &'a [u8]) -> Self {
        Parser { input, at: 0 }
    }

    fn peek(&self) -> u8 {
        *self.input.get(self.at).unwrap_or(&0)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Parsed<()> {
        if self.peek() != byte {
            return Err(format!("{:?} expected at {}", byte as char, self.at));
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self, word: &str, value: Value) -> Parsed<Value> {
        if !self.input[self.at..].starts_with(word.as_bytes()) {
            return Err(format!("{} expected at {}", word, self.at));
        }
        self.at += word.len();
        Ok(value)
    }

    fn value(&mut self) -> Parsed<Value> {
        self.skip_space();
        let value = match self.peek() {
            b'{' => self.object()?,
            b'[' => self.list()?,
            b'"' => Value::Text(self.text()?),
            b't' => self.word("true", Value::Boolean(true))?,
            b'f' => self.word("false", Value::Boolean(false))?,
            b'n' => self.word("null", Value::Null)?,
            _ => self.number()?,
        };
        self.skip_space();
        Ok(value)
    }

    fn object(&mut self) -> Parsed<Value> {
        let mut members = BTreeMap::new();
        self.expect(b'{')?;
        self.skip_space();
        while self.peek() != b'}' {
            self.skip_space();
            let name = self.text()?;
            self.skip_space();
            self.expect(b':')?;
            members.insert(name, self.value()?);
            if self.peek() != b',' {
                break;
            }
            self.at += 1;
        }
        self.expect(b'}')?;
        Ok(Value::Object(members))
    }

    fn list(&mut self) -> Parsed<Value> {
        let mut items = Vec::new();
        self.expect(b'[')?;
        self.skip_space();
        while self.peek() != b']' {
            items.push(self.value()?);
            if self.peek() != b',' {
                break;
            }
            self.at += 1;
        }
        self.expect(b']')?;
        Ok(Value::List(items))
    }

    fn text(&mut self) -> Parsed<String> {
        let mut bytes = Vec::new();
        self.expect(b'"')?;
        loop {
            match self.peek() {
                b'"' => break,
                b'\\' => {
                    self.at += 1;
                    bytes.push(match self.peek() {
                        b'n' => b'\n',
                        b't' => b'\t',
                        other => other,
                    });
                }
                0 => return Err("unfinished text".to_string()),
                byte => bytes.push(byte),
            }
            self.at += 1;
        }
        self.at += 1;
        String::from_utf8(bytes).map_err(|error| error.to_string())
    }

    fn number(&mut self) -> Parsed<Value> {
        let start = self.at;
        while matches!(self.peek(), b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') {
            self.at += 1;
        }
        let digits = std::str::from_utf8(&self.input[start..self.at]).unwrap();
        digits.parse().map(Value::Number).map_err(|_| format!("no number at {}", start))
    }
}

#[derive(Default, Debug)]
struct Summary {
    values: u64,
    letters: usize,
    sum: f64,
}

fn summarise(value: &Value, summary: &mut Summary) {
    summary.values += 1;
    match value {
        Value::Null => {}
        Value::Boolean(value) => summary.sum += *value as i32 as f64,
        Value::Number(number) => summary.sum += number,
        Value::Text(text) => summary.letters += text.len(),
        Value::List(items) => items.iter().for_each(|item| summarise(item, summary)),
        Value::Object(members) => {
            for (name, member) in members {
                summary.letters += name.len();
                summarise(member, summary);
            }
        }
    }
}

fn main() {
    let rounds: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input).unwrap();
    let mut summary = Summary::default();
    for _ in 0..rounds {
        let value = Parser::new(&input).value().unwrap();
        summarise(&value.clone(), &mut summary);
    }
    println!("{} values, {} letters, sum {:.3}", summary.values, summary.letters, summary.sum);
}
