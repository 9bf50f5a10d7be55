//! What DM takes where a key is not written.

/// Gives a group of keys a method for each of them that has a default. `number`, `text` and `flag` have it where the key is not
/// written; `number_or` and `text_or` also where it is zero or empty.
macro_rules! defaults {
    ($section:ident { $($(#[$doc:meta])* $field:ident: $kind:ident = $default:expr,)* }) => {
        impl $section {
            $($crate::model::file::defaults!(@one $(#[$doc])* $field $kind $default);)*
        }
    };
    (@one $(#[$doc:meta])* $field:ident number $default:expr) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> i64 {
            self.$field.as_ref().map_or($default, |given| given.value)
        }
    };
    (@one $(#[$doc:meta])* $field:ident number_or $default:expr) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> i64 {
            self.$field.as_ref().map(|given| given.value).filter(|number| *number != 0).unwrap_or($default)
        }
    };
    (@one $(#[$doc:meta])* $field:ident flag $default:expr) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> bool {
            self.$field.as_ref().map_or($default, |given| given.value)
        }
    };
    (@one $(#[$doc:meta])* $field:ident text $default:expr) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> &str {
            self.$field.as_ref().map_or($default, |given| given.value.as_str())
        }
    };
    (@one $(#[$doc:meta])* $field:ident text_or $default:expr) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> &str {
            self.$field.as_ref().map(|given| given.value.as_str()).filter(|text| !text.is_empty()).unwrap_or($default)
        }
    };
    (@one $(#[$doc:meta])* $field:ident span $default:expr) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> $crate::model::duration::GoDuration {
            let default = $crate::model::duration::GoDuration::from_nanoseconds($default * 1_000_000_000);
            self.$field.as_ref().and_then(|given| given.value.0.parse().ok()).unwrap_or(default)
        }
    };
    (@one $(#[$doc:meta])* $field:ident span_or $default:expr) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> $crate::model::duration::GoDuration {
            let default = $crate::model::duration::GoDuration::from_nanoseconds($default * 1_000_000_000);
            let given = self.$field.as_ref().and_then(|given| given.value.0.parse().ok());
            given.filter(|span: &$crate::model::duration::GoDuration| span.nanoseconds() != 0).unwrap_or(default)
        }
    };
}

pub(in crate::model) use defaults;
