//! Store URLs: the login in them, and how they may be shown.
//!
//! An address may hold a name and a password. They go to the server and nowhere else, so every text that can contain an
//! address passes through [`redacted`] on its way into an error, a hint or the name of a source.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

/// What stands in place of a secret in the settings of an address.
const HIDDEN: &str = "…";
/// Settings whose values are secrets: words their names contain.
const SECRETS: [&str; 5] = ["token", "secret", "password", "signature", "credential"];

/// A text in which no address shows a name, a password or a token. Each address may be part of a sentence.
///
/// A password is recognised even where it contains what should have been written as `%2F` or `%3F`. Where that cannot be
/// told from a path with an `@` in it, more is hidden than had to be.
pub fn redacted(text: &str) -> String {
    let mut clean = once(text);
    // One address may stand in another.
    loop {
        let again = once(&clean);
        if again == clean {
            return clean;
        }
        clean = again;
    }
}

/// Hides what each address shows at first sight.
fn once(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + "://".len());
        clean.push_str(before);
        let end = after.find(ends_address).unwrap_or(after.len());
        let (address, behind) = after.split_at(end);
        clean.push_str(&settings_hidden(without_login(address)));
        rest = behind;
    }
    clean.push_str(rest);
    clean
}

/// Whether an address ends before this character, as it stands in a sentence.
fn ends_address(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\'' | '"' | '`' | '<' | '>' | '‘' | '’' | '“' | '”')
}

/// What is left of an address behind `://` without a login, even one that is written in an unusual way.
fn without_login(address: &str) -> &str {
    let authority = &address[..authority_end(address)];
    if let Some(at) = authority.rfind('@') {
        return &address[at + 1..];
    }
    // A colon that no port follows begins a password that goes on behind the slash.
    let has_port = |(_, port): (&str, &str)| {
        !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
    };
    match address.rfind('@') {
        Some(at) if !authority.rsplit_once(':').is_none_or(has_port) => &address[at + 1..],
        _ => address,
    }
}

fn settings_hidden(address: &str) -> String {
    let Some((place, settings)) = address.split_once('?') else {
        return address.to_owned();
    };
    let shown = settings
        .split('&')
        .map(|setting| match setting.split_once('=') {
            Some((name, value)) if is_secret(name) && !value.is_empty() => {
                format!("{name}={HIDDEN}")
            }
            _ => setting.to_owned(),
        });
    format!("{place}?{}", shown.collect::<Vec<_>>().join("&"))
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRETS.iter().any(|word| name.contains(word)) || name == "sig"
}

/// Where the part with the host ends, in what stands behind `://`.
fn authority_end(rest: &str) -> usize {
    rest.find(['/', '?', '#']).unwrap_or(rest.len())
}

/// An address without its login, and the login as the value of HTTP's `Authorization` header (RFC 7617), if there is one.
/// `%40` and the like stand for characters that would end a user's name.
pub(crate) fn split_login(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else {
        return (url.to_owned(), None);
    };
    let Some(at) = rest[..authority_end(rest)].rfind('@') else {
        return (url.to_owned(), None);
    };
    let user = &rest[..at];
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let plain = format!("{}:{}", decoded(name), decoded(password));
    let header = format!("Basic {}", STANDARD.encode(plain));
    (format!("{scheme}://{}", &rest[at + 1..]), Some(header))
}

/// Whether the address begins with a scheme, in capitals or not.
pub(crate) fn has_scheme(url: &str, scheme: &str) -> bool {
    let rest = url.get(scheme.len()..);
    url.get(..scheme.len())
        .is_some_and(|own| own.eq_ignore_ascii_case(scheme))
        && rest.is_some_and(|rest| rest.starts_with(':'))
}

/// A text without its `%xx`.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_login_is_shown_whatever_the_scheme_and_however_it_is_written() {
        for (address, expected) in [
            (
                "https://user:se@cret@cache.example:8080/a@b?c",
                "https://cache.example:8080/a@b?c",
            ),
            ("HTTP://me:s3cret@h/x", "HTTP://h/x"),
            ("ssh-ng://me:s3cret@host", "ssh-ng://host"),
            ("s3://key:s3cret@bucket?region=x", "s3://bucket?region=x"),
            ("https://me:s3/cret@host/x", "https://host/x"),
            ("https://me:s3?cret@host/x", "https://host/x"),
            (
                "https://host/x?access-token=s3cret&priority=3",
                "https://host/x?access-token=…&priority=3",
            ),
            (
                "ssh-ng://a:s3cret@hosthttps://me:s3cret@cache/x",
                "ssh-ng://cache/x",
            ),
            (
                "https://host/x?X-Amz-Signature=s3cret",
                "https://host/x?X-Amz-Signature=…",
            ),
            (
                "cannot open 'https://me:s3cret@host', and ssh://a:s3cret@b neither",
                "cannot open 'https://host', and ssh://b neither",
            ),
        ] {
            assert_eq!(redacted(address), expected);
        }
        for plain in [
            "http://cache.example",
            "https://h:8080/a@b",
            "file:///a@b",
            "nothing",
            "://",
            "",
        ] {
            assert_eq!(redacted(plain), plain);
        }
    }

    #[test]
    fn whoever_is_named_in_an_address_logs_in() {
        // As `printf 'u:p@:w' | base64` says.
        let cases = [
            (
                "http://u:p%40%3Aw@h/x",
                "http://h/x",
                Some("Basic dTpwQDp3"),
            ),
            ("https://u@h", "https://h", Some("Basic dTo=")),
            ("http://h/a@b", "http://h/a@b", None),
        ];
        for (url, base, login) in cases {
            assert_eq!(
                split_login(url),
                (base.to_owned(), login.map(str::to_owned)),
                "{url}"
            );
        }
    }

    #[test]
    fn escapes_are_undone() {
        for (text, plain) in [
            ("/a%20b", "/a b"),
            ("/a%2", "/a%2"),
            ("/%zz%41", "/%zzA"),
            ("%", "%"),
        ] {
            assert_eq!(decoded(text), plain);
        }
    }

    proptest! {
        #[test]
        fn a_password_never_comes_through(
            scheme in "[a-zA-Z][a-z+-]{0,6}",
            before in "[^:]{0,10}",
            password in prop_oneof![
                "[a-z/?#:%&=]{0,4}S3CRET[a-z/?#:%&=]{0,4}",
                "[a-z:@%&=]{0,4}S3CRET[a-z:@%&=]{0,4}",
            ],
            behind in "(/[a-z]{0,5})?( .{0,8})?",
        ) {
            let text = format!("{before} {scheme}://me:{password}@host{behind}");
            let shown = redacted(&text);
            prop_assert!(!shown.contains("S3CRET"), "{shown}");
            prop_assert!(shown.contains("host"), "{shown}");
        }

        #[test]
        fn what_is_redacted_stays_as_it_is(text in ".{0,80}") {
            let once = redacted(&text);
            prop_assert_eq!(redacted(&once), once);
        }
    }
}
