//! Who is at work, as histories, approvals and pictures say it.

use crate::supabase::User;

/// Longest name that is kept.
const MOST: usize = 120;

/// The user who is signed in, else whoever uses this computer; None if neither is known.
pub(super) fn name(user: Option<&User>) -> Option<String> {
    let signed_in = user.map(|user| user.email.clone().unwrap_or_else(|| user.id.clone()));
    signed_in
        .or_else(|| of_this_computer(|name| std::env::var(name).ok()))
        .map(|name| name.trim().chars().filter(|c| !c.is_control()).take(MOST).collect())
        .filter(|name: &String| !name.is_empty())
}

/// As systems tell it: Unix, then Windows.
fn of_this_computer(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .filter_map(variable)
        .find(|name| !name.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_who_uses_the_computer_as_its_system_does() {
        let windows = |name: &str| (name == "USERNAME").then(|| "Ada".to_owned());
        assert_eq!(of_this_computer(windows).as_deref(), Some("Ada"));
        let both = |name: &str| match name {
            "USER" => Some(" ".to_owned()),
            "LOGNAME" => Some("ada".to_owned()),
            _ => None,
        };
        assert_eq!(of_this_computer(both).as_deref(), Some("ada"));
        assert_eq!(of_this_computer(|_| None), None);
    }
}
