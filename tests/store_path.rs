//! Our store paths against those of nix-derivation: the same texts are valid, and they have the same parts.

use nix_derivation::{StoreDir as TheirDir, StorePath as TheirPath};
use nix_heft::model::{StoreDir, StorePath};
use proptest::prelude::*;

/// Base names: valid ones, nearly valid ones, and whatever comes.
fn base_name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[0-9a-df-np-sv-z]{32}-[0-9a-zA-Z+._?=-]{1,20}",
        2 => "[0-9a-df-np-sv-z]{32}-[.-]{0,3}[a-z.-]{0,4}",
        1 => "[0-9a-df-np-sv-z]{32}-[a-z]{205,215}",
        2 => "[0-9a-z]{30,34}-?[ -~]{0,8}",
        1 => ".{0,50}",
    ]
}

proptest! {
    #[test]
    fn the_same_base_names_are_valid(base in base_name()) {
        let theirs = TheirPath::from_basename(base.as_bytes());
        let ours = StorePath::from_base_name(&base);
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{}: {:?}, {:?}", base, ours, theirs);
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            prop_assert_eq!(ours.name(), theirs.name());
            prop_assert_eq!(ours.base_name(), theirs.to_basename());
        }
    }

    #[test]
    fn the_same_paths_are_in_a_store(dir in "/[a-z]{1,5}(/[a-z]{1,5})?", other in "/[a-z]{1,2}", base in base_name(), inside in any::<bool>()) {
        let (Some(ours), Ok(theirs)) = (StoreDir::new(&dir), TheirDir::new(dir.clone())) else {
            return Err(TestCaseError::fail(format!("{dir} is a directory")));
        };
        let path = format!("{}/{base}", if inside { &dir } else { &other });
        let parsed = StorePath::parse(&ours, &path);
        let expected = theirs.parse_path(path.as_bytes());
        prop_assert_eq!(parsed.is_ok(), expected.is_ok(), "{}: {:?}, {:?}", path, parsed, expected);
    }
}
