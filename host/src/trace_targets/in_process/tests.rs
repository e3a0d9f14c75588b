use super::*;

const SELECT: [u8; 13] = [0, 0xA4, 4, 0, 7, 0xF0, b'S', b'A', b'I', b'F', b'U', 1, 0];
const GET_ID: [u8; 5] = [0x00, 0xCA, 0xDF, 0x01, 0x00];

fn fresh() -> InProcess {
    let mut target = InProcess::default();
    let wish = FreshCard { kind: "blank".into(), seed: None, pin: "1234".into() };
    target.prepare(&wish).unwrap();
    target
}

/// The status word that came, or what was lost.
fn sent(target: &mut InProcess, command: &[u8]) -> Result<String, String> {
    match target.transmit(command).unwrap().0 {
        Outcome::Answer(answer) => Ok(hex::encode_upper(&answer[answer.len() - 2..])),
        Outcome::Lost(why) => Err(why),
    }
}

fn plant(target: &mut InProcess, fault: &str) {
    target.fault(Some(fault)).unwrap();
}

#[test]
fn a_card_answers_until_it_is_taken_out_or_its_power_is_taken() {
    let mut target = fresh();
    assert_eq!(sent(&mut target, &SELECT).unwrap(), "9000");
    assert_eq!(sent(&mut target, &GET_ID).unwrap(), "9000");
    target.power_off().unwrap();
    assert!(sent(&mut target, &GET_ID).unwrap_err().contains("no power"));
    target.power_on().unwrap();
    assert_ne!(sent(&mut target, &GET_ID).unwrap(), "9000", "nothing is selected any more");
    target.remove().unwrap();
    assert_eq!(sent(&mut target, &SELECT).unwrap_err(), OUT);
    target.insert().unwrap();
    assert_eq!(sent(&mut target, &SELECT).unwrap(), "9000");
    target.reset().unwrap();
    assert_ne!(sent(&mut target, &GET_ID).unwrap(), "9000");
}

#[test]
fn a_lost_answer_is_a_power_up_and_a_dead_card_stays_out() {
    let mut target = fresh();
    for fault in ["drop", "empty", "cut=3", "reconnect", "away=1m", "stray=00FF@1"] {
        assert_eq!(sent(&mut target, &SELECT).unwrap(), "9000");
        plant(&mut target, fault);
        let met = sent(&mut target, &GET_ID);
        let lost = if fault.starts_with("stray") { sent(&mut target, &GET_ID) } else { met };
        assert!(lost.is_err(), "{fault}");
        assert_ne!(sent(&mut target, &GET_ID).unwrap(), "9000", "{fault}: nothing is selected");
    }
    plant(&mut target, "die");
    assert!(sent(&mut target, &SELECT).is_err());
    assert_eq!(sent(&mut target, &SELECT).unwrap_err(), OUT);
    target.insert().unwrap();
    assert_eq!(sent(&mut target, &SELECT).unwrap(), "9000");
}

#[test]
fn what_comes_twice_comes_again_to_the_next_command() {
    let mut target = fresh();
    plant(&mut target, "duplicate");
    assert_eq!(sent(&mut target, &SELECT).unwrap(), "9000");
    plant(&mut target, "status=6F00");
    assert_eq!(sent(&mut target, &GET_ID).unwrap(), "9000");
    assert_eq!(sent(&mut target, &GET_ID).unwrap(), "6F00");
}

#[test]
fn a_fault_that_is_none_and_a_command_that_is_none_are_told() {
    let mut target = fresh();
    let none = target.fault(Some("explode")).unwrap_err();
    assert!(matches!(none, TargetError::Unsupported(_)), "{none}");
    assert!(matches!(target.transmit(&[4]), Err(TargetError::Unsupported(_))));
    plant(&mut target, "silent");
    assert!(sent(&mut target, &SELECT).is_err() && sent(&mut target, &SELECT).is_err());
    target.fault(None).unwrap();
    assert_eq!(sent(&mut target, &SELECT).unwrap(), "9000");
}
