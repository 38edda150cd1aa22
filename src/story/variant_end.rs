//! How a variant ends for which no picture came: what it may have cost decides whether it may be asked for again by itself.

use super::variant::VariantState;
use crate::ai::AiError;
use crate::workspace::Money;

impl VariantState {
    /// Where a variant stands after an engine brought no picture, and what it has cost all the same as far as that is sure enough
    /// to be counted: a picture that was made and then refused. `free` says whether the engine takes nothing, `price` what it takes.
    #[must_use]
    pub fn without_picture(error: &AiError, free: bool, price: Option<Money>) -> (Self, Option<Money>) {
        let charged = !free && error.may_be_charged();
        match error {
            AiError::Refused { message, .. } => {
                let message = message.clone();
                (Self::Refused { message }, price.filter(|_| charged))
            }
            AiError::Cancelled if free => (Self::Cancelled, None),
            AiError::Cancelled => (
                Self::Uncertain {
                    sentence: String::new(),
                },
                None,
            ),
            error if charged => (
                Self::Uncertain {
                    sentence: error.happened(),
                },
                None,
            ),
            error => (
                Self::Failed {
                    sentence: error.happened(),
                    hint: hint(error, free),
                    again: error.retry_may_help(),
                },
                None,
            ),
        }
    }
}

/// What to do about it; an engine that takes nothing has no usage page to look at.
fn hint(error: &AiError, free: bool) -> String {
    match error {
        AiError::Broke { .. } | AiError::NotFetched { .. } | AiError::Timeout { .. } | AiError::Ambiguous { .. }
            if free =>
        {
            "Look at the window or the log of the server that draws, then ask again.".to_owned()
        }
        AiError::NoImage { .. } if free => "Change the prompt, or look at the log of the server that draws.".to_owned(),
        error => error.hint(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::Stage;

    fn broke() -> AiError {
        AiError::Broke {
            message: "out of memory.".to_owned(),
            exchange: None,
        }
    }

    #[test]
    fn what_may_be_charged_is_uncertain_and_what_is_free_fails() {
        let price = Some(Money::from_micros(40_000));
        let (state, cost) = VariantState::without_picture(&broke(), false, price);
        let sentence = "The provider broke off: out of memory.".to_owned();
        assert_eq!(
            (state, cost),
            (
                VariantState::Uncertain {
                    sentence: sentence.clone()
                },
                None
            )
        );
        let (state, _) = VariantState::without_picture(&broke(), true, Some(Money::ZERO));
        let VariantState::Failed {
            sentence: told,
            hint,
            again: true,
        } = state
        else {
            panic!("{state:?}");
        };
        assert_eq!(told, sentence);
        assert!(!hint.contains("usage page"), "{hint}");
    }

    #[test]
    fn what_was_made_and_then_refused_is_counted() {
        let price = Some(Money::from_micros(40_000));
        for (stage, expected) in [(None, None), (Some(Stage::Input), None), (Some(Stage::Output), price)] {
            let refused = AiError::Refused {
                message: "no".to_owned(),
                stage,
                categories: Vec::new(),
                exchange: None,
            };
            let (state, cost) = VariantState::without_picture(&refused, false, price);
            assert_eq!(
                state,
                VariantState::Refused {
                    message: "no".to_owned()
                }
            );
            assert_eq!(cost, expected, "{stage:?}");
            assert_eq!(VariantState::without_picture(&refused, true, price).1, None);
        }
    }
}
