use serde_json::Value;

/// What most of several answers say.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreed {
    /// The place of the first answer that says it.
    pub place: usize,
    /// How many of those asked say it, from 0 to 1.
    pub share: f64,
}

/// What most of them say, where so many were asked; nothing if nobody has said anything. Of two opinions with as many
/// voices, the one that was heard first.
#[expect(clippy::cast_precision_loss, reason = "nobody asks so many")]
pub fn agreed(said: &[Value], asked: usize) -> Option<Agreed> {
    let voices = |place: usize| said.iter().filter(|other| **other == said[place]).count();
    let mut most: Option<(usize, usize)> = None;
    for place in 0..said.len() {
        let count = voices(place);
        if most.is_none_or(|(_, before)| count > before) {
            most = Some((place, count));
        }
    }
    let (place, count) = most?;
    Some(Agreed { place, share: count as f64 / asked.max(said.len()) as f64 })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn most_win_whatever_the_order(mut said in prop::collection::vec(0_u8..4, 1..9), missing in 0_usize..4) {
            let asked = said.len() + missing;
            let values = |said: &[u8]| said.iter().map(|one| json!(one)).collect::<Vec<_>>();
            let one = agreed(&values(&said), asked).unwrap();
            let most = (0..4).map(|voice| said.iter().filter(|one| u32::from(**one) == voice).count()).max().unwrap();
            prop_assert!((one.share * f64::from(u32::try_from(asked).unwrap()) - f64::from(u32::try_from(most).unwrap())).abs() < 1e-9);
            said.reverse();
            let other = agreed(&values(&said), asked).unwrap();
            prop_assert!((other.share - one.share).abs() < 1e-9);
        }
    }

    #[test]
    fn the_same_in_another_order_is_the_same() {
        let said = [json!({"a": 1, "b": 2}), json!({"a": 3}), json!({"b": 2, "a": 1})];
        assert_eq!(agreed(&said, 3), Some(Agreed { place: 0, share: 2.0 / 3.0 }));
        assert!((agreed(&said, 4).unwrap().share - 0.5).abs() < 1e-9, "who says nothing does not agree");
        assert_eq!(agreed(&[], 3), None);
    }
}
