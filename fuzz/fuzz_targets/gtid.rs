//! Two texts: the normal form is a fixed point, and a union contains both sets and nothing that neither needs.

#![no_main]

use dmctl::model::gtid::GtidSet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|texts: (&str, &str)| {
    let (Ok(one), Ok(other)) = (texts.0.parse::<GtidSet>(), texts.1.parse::<GtidSet>()) else {
        return;
    };
    for set in [&one, &other] {
        assert_eq!(set.to_string().parse().as_ref(), Ok(set));
        assert_eq!(set.contains(set), Some(true));
        assert_eq!(set.union(set).as_ref(), Some(set));
    }
    let joined = one.union(&other);
    assert_eq!(joined, other.union(&one));
    assert_eq!(joined.is_none(), one.contains(&other).is_none());
    if let Some(joined) = joined {
        assert_eq!(joined.contains(&one), Some(true));
        assert_eq!(joined.contains(&other), Some(true));
        // A set that already contains the other gains nothing by it.
        assert_eq!(one.contains(&other), Some(one.contains(&joined) == Some(true)));
    }
});
