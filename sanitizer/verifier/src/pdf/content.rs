//! Content: operators of a list, with operands of their kinds.

use super::lexer::{Dict, Lexer, Object, Token};
use crate::refusal::{Refusal, Verdict, must};

/// Verifies content that may name what `resources` has. A glyph's content
/// begins with its width.
pub(super) fn verify(data: &[u8], resources: Option<&Dict>, glyph: bool) -> Verdict {
    let mut state = State { resources, saved: 0, text: false, marked: false, first: glyph };
    let mut lexer = Lexer::new(data, 0, false);
    let mut operands = Vec::new();
    while !lexer.is_done() {
        match lexer.token()? {
            Token::Object(object) => {
                must(operands.len() < 8, "too many operands")?;
                // Texts and lists of them stand right before their operator.
                let close = matches!(data.get(lexer.at), Some(b'T'));
                must(close || lexer.pass(b" "), "operands that run together")?;
                operands.push(object);
            }
            Token::Word(word) => {
                must(lexer.pass(b"\n"), "lines that are not ours")?;
                state.operator(&word, &operands)?;
                operands.clear();
            }
        }
    }
    let ended = operands.is_empty() && state.saved == 0 && !state.text && !state.marked;
    must(ended && !state.first, "content that does not end")
}

struct State<'s> {
    resources: Option<&'s Dict>,
    saved: usize,
    text: bool,
    marked: bool,
    /// The width of a glyph must come now.
    first: bool,
}

impl State<'_> {
    fn operator(&mut self, word: &str, operands: &[Object]) -> Verdict {
        let numbers = operands.iter().all(|it| matches!(it, Object::Number(_)));
        let count = |wanted: usize| must(numbers && operands.len() == wanted, "odd operands");
        if std::mem::take(&mut self.first) {
            return match word {
                "d0" => count(2),
                "d1" => count(6),
                _ => Err(Refusal::of("a glyph without width")),
            };
        }
        match word {
            "q" | "Q" | "cm" | "m" | "l" | "c" | "re" | "h" | "W" | "W*" | "n" | "S" | "f"
            | "f*" | "B" | "B*" | "Do" | "sh" | "BT" => must(!self.text, "drawing within text")?,
            "Tm" | "Td" | "Tj" | "TJ" | "ET" => must(self.text, "text outside of text")?,
            _ => {}
        }
        match word {
            "q" => {
                self.saved += 1;
                count(0)
            }
            "Q" => {
                self.saved = self.saved.checked_sub(1).ok_or(Refusal::of("too many restored"))?;
                count(0)
            }
            "BT" | "ET" => {
                self.text = word == "BT";
                count(0)
            }
            "h" | "W" | "W*" | "n" | "S" | "f" | "f*" | "B" | "B*" => count(0),
            "J" | "j" => {
                let fits = matches!(operands, [Object::Number(it)] if [0.0, 1.0, 2.0].contains(it));
                must(fits, "odd operands")
            }
            "Tr" => {
                let fits = |it: f64| it.fract() == 0.0 && (0.0..8.0).contains(&it);
                must(matches!(operands, [Object::Number(it)] if fits(*it)), "odd operands")
            }
            "w" | "M" | "g" | "G" | "Tc" | "Tz" | "Ts" => count(1),
            "m" | "l" | "Td" => count(2),
            "rg" | "RG" => count(3),
            "re" | "k" | "K" => count(4),
            "c" | "cm" | "Tm" => count(6),
            "d" => match operands {
                [Object::Array(list), Object::Number(_)] => {
                    must(list.iter().all(|it| matches!(it, Object::Number(_))), "odd dashes")
                }
                _ => Err(Refusal::of("odd dashes")),
            },
            "cs" | "CS" => match operands {
                [Object::Name(name)] if name == "Pattern" => Ok(()),
                [Object::Name(name)] => self.named("ColorSpace", name),
                _ => Err(Refusal::of("odd operands")),
            },
            "scn" | "SCN" => match operands {
                [rest @ .., Object::Name(name)] => {
                    let fits = matches!(rest.len(), 0 | 3)
                        && rest.iter().all(|it| matches!(it, Object::Number(_)));
                    must(fits, "odd operands")?;
                    self.named("Pattern", name)
                }
                _ => Err(Refusal::of("odd operands")),
            },
            "gs" => self.one("ExtGState", operands),
            "Do" => self.one("XObject", operands),
            "sh" => self.one("Shading", operands),
            "Tf" => match operands {
                [Object::Name(name), Object::Number(_)] => self.named("Font", name),
                _ => Err(Refusal::of("odd operands")),
            },
            "Tj" => must(matches!(operands, [Object::Text(_)]), "odd operands"),
            "TJ" => match operands {
                [Object::Array(list)] => {
                    let fits = |it: &Object| matches!(it, Object::Number(_) | Object::Text(_));
                    must(list.iter().all(fits), "odd operands")
                }
                _ => Err(Refusal::of("odd operands")),
            },
            "BDC" => {
                let fits = match operands {
                    [Object::Name(tag), Object::Dict(dict)] => {
                        tag == "Span"
                            && matches!(dict.0.as_slice(), [(key, Object::Text(_))] if key == "ActualText")
                    }
                    _ => false,
                };
                must(fits && !std::mem::replace(&mut self.marked, true), "an odd mark")
            }
            "EMC" => must(std::mem::take(&mut self.marked) && operands.is_empty(), "an odd mark"),
            _ => Err(Refusal::of("an operator that is not ours")),
        }
    }

    fn one(&self, group: &str, operands: &[Object]) -> Verdict {
        match operands {
            [Object::Name(name)] => self.named(group, name),
            _ => Err(Refusal::of("odd operands")),
        }
    }

    fn named(&self, group: &str, name: &str) -> Verdict {
        let known = match self.resources.and_then(|it| it.get(group)) {
            Some(Object::Dict(dict)) => dict.get(name).is_some(),
            _ => false,
        };
        must(known, "a name of nothing")
    }
}
