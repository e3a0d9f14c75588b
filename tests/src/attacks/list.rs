//! The list of all attacks, written once: it becomes the table of [`super::play_all`], and a test
//! of each name in `tests/tests/attacks.rs`.

use super::Attack;

/// Hands the list of all attacks, room by room, to a macro.
#[macro_export]
macro_rules! every_attack {
    ($with:ident) => {
        $with! {
            administration:
                pi4_an_unblock_order_is_good_once_for_one_card_and_older_ones_never,
                id11_nobody_but_the_issuer_ends_a_card,
                id11_value_that_is_on_its_way_keeps_the_card_alive,
                id11_a_price_on_hold_keeps_the_card_alive,
                pi6_a_cut_inside_the_end_leaves_the_card_alive_or_without_km,
                pi6_a_card_at_its_end_stays_there_whatever_is_put_back;
            apdus:
                ap1_a_class_that_is_not_ours_is_6e00_whatever_the_instruction,
                ap2_an_unknown_instruction_is_6d00_in_every_class_on_every_channel,
                ap2_every_known_instruction_is_answered_by_what_its_command_says,
                ap3_parameters_that_a_command_does_not_have_are_6a86,
                ap4_lengths_that_lie_and_a_missing_le_are_6700,
                ap5_extended_lengths_that_lie_are_6700_and_too_much_data_is_6a84,
                ap6_fewer_than_four_bytes_are_6700_and_the_card_lives,
                ap10_a_channel_that_is_not_open_is_6881_whatever_the_instruction,
                ap10_secure_messaging_where_there_is_none_is_6882;
            certificates:
                li4_certificates_of_other_authorities_and_past_ones_are_refused,
                li4_a_certificate_with_any_bit_flipped_is_refused,
                li14_a_certificate_in_another_encoding_is_refused,
                li15_weak_keys_are_refused,
                id7_a_new_key_strands_nothing_before_a_later_one_retires_it,
                pa14_a_payment_key_that_is_unknown_retired_or_another_centers_is_not_paid_to,
                id1_no_card_certifies_anybody;
            chains:
                ap7_another_command_ends_a_chain_and_neither_has_an_effect,
                ap7_a_chain_of_a_command_that_takes_no_data_is_6884,
                ap8_a_chain_longer_than_a_command_is_6a84_and_gone,
                ap9_select_reset_and_power_end_a_chain_and_discard_a_rest,
                ap11_get_response_with_nothing_pending_is_6985_however_often,
                ap12_the_rest_of_an_answer_comes_once_and_any_command_discards_it,
                ap14_before_select_every_command_but_select_is_6985,
                ap14_a_terminated_card_does_nothing_and_says_so;
            credits:
                cr1_a_credit_again_is_the_same_event_and_an_older_one_is_refused,
                cr2_only_the_next_sequence_is_loaded,
                cr3_a_credit_for_another_card_account_center_or_kind_is_refused,
                cr3_a_credit_is_applied_to_its_own_kind_only,
                cr4_a_credit_signed_by_another_key_of_the_center_is_refused,
                cr4_a_credit_with_any_byte_flipped_is_refused,
                cr5_no_load_is_empty_wraps_or_goes_over_the_cap,
                cr6_of_a_credit_and_its_void_the_first_counts_and_the_event_says_which,
                cr6_the_outside_memory_from_before_a_void_does_not_bring_its_credit_back;
            holds:
                id6_a_hold_that_was_cut_stays_cancellable,
                id6_what_was_released_is_final_and_its_token_is_there,
                id6_with_a_full_outbox_nothing_is_held,
                st6_a_held_work_gives_nothing_once_the_hold_is_cancelled,
                cr8_a_refund_pays_once_and_the_work_plays_no_more,
                cr8_a_refund_cut_at_any_write_is_done_or_not_begun,
                id9_a_cheque_pays_its_whole_amount_or_nothing,
                id9_a_ticket_of_another_work_does_not_admit,
                id9_a_coupon_past_its_date_pays_nothing,
                id9_a_credit_line_ends_at_its_limit,
                id8_a_signed_time_is_good_for_one_challenge_of_one_card;
            identities:
                id2_a_credit_of_one_center_fills_no_purse_of_another,
                id2_a_licence_debits_no_purse_of_another_center,
                id2_a_purse_bound_to_a_shop_pays_no_other_shop,
                id4_what_was_deleted_never_opens_or_pays_again,
                id4_a_number_below_the_window_opens_nothing,
                id5_two_purses_of_one_kind_are_one_chain,
                id8_only_the_load_in_transit_is_voided_once_and_with_a_pin,
                cr9_a_credit_after_a_torn_debit_finds_a_whole_card,
                id10_small_sums_without_a_pin_are_none_where_the_limits_say_none;
            licences:
                li1_a_licence_with_any_bit_flipped_is_refused,
                li2_a_licence_for_another_card_or_key_is_refused,
                li3_a_licence_that_another_key_signed_is_refused,
                li4_a_licence_of_an_unknown_or_retired_key_is_refused,
                li5_the_wrapped_key_of_one_licence_in_the_terms_of_another_is_refused,
                li6_prices_are_there_exactly_when_something_is_to_be_paid,
                li6_a_price_of_an_unknown_kind_is_refused,
                li7_what_is_not_exactly_a_licence_is_refused_though_it_is_signed,
                li8_li9_wrapped_keys_that_do_not_open_are_refused_alike,
                li10_the_same_licence_again_tells_its_state_and_resets_nothing,
                li11_another_licence_of_the_same_number_is_6a89,
                st10_a_key_other_than_the_one_committed_to_is_refused;
            outside:
                nv1_no_earlier_outside_memory_is_taken_and_the_right_one_revives_the_card,
                nv1_an_earlier_outside_memory_put_back_under_power_gives_nothing_back,
                nv1_a_memory_that_is_gone_is_missing_and_revives,
                nv2_no_earlier_record_in_the_place_of_a_current_one_is_taken,
                nv2_no_earlier_memory_among_current_ones_is_taken,
                nv2_what_is_added_to_the_memory_changes_nothing,
                nv3_no_two_objects_can_change_places,
                nv4_nothing_of_another_card_is_taken,
                nv5_what_a_torn_commit_wrote_is_not_taken_for_the_commit_that_took_its_place,
                nv6_no_object_that_is_gone_empty_short_or_long_is_taken,
                nv8_no_flipped_bit_of_the_outside_memory_goes_unseen;
            payments:
                pa1_a_debit_without_a_verify_of_its_own_session_is_refused,
                pa2_a_price_or_a_purse_that_the_licence_does_not_name_pays_nothing,
                pa3_a_purse_one_yen_short_does_not_pay_and_one_with_the_price_does,
                pa3_v4_a_rich_purse_of_another_kind_or_unit_pays_nothing,
                pa4_a_debit_again_whatever_was_lost_is_the_same_token_and_one_debit,
                pa5_with_a_full_outbox_nothing_is_paid_until_a_receipt_makes_room,
                id10_one_verify_pays_once,
                pa15_a_receipt_that_is_forged_or_for_another_token_takes_nothing_out;
            personalisation:
                pi5_personalisation_is_over_for_a_card_in_use,
                pi7_a_blank_card_offers_a_channel_under_its_own_key_version_only,
                pi7_without_the_keys_a_blank_card_does_nothing,
                pi7_a_recorded_personalisation_does_not_play_again;
            pins:
                pi1_three_wrong_pins_block_the_right_one_for_good,
                pi1_the_right_pin_gives_the_tries_back,
                pi3_what_is_no_pin_costs_no_try,
                pi2_no_cut_gives_a_free_try,
                pi2_power_cut_at_each_write_of_a_right_verify_leaves_three_tries_or_one_less,
                pi11_no_verification_outlives_its_session,
                pi11_a_verification_on_one_channel_is_none_on_another;
            power:
                pa6_a_debit_cut_at_any_write_is_paid_with_its_token_or_not_at_all,
                cr6_a_credit_cut_at_any_write_is_loaded_once_or_not_at_all,
                cr6_a_void_cut_at_any_write_uses_its_sequence_up_or_not,
                li10_a_licence_whose_loading_is_cut_at_any_write_is_there_whole_or_not_at_all,
                pa15_an_acknowledgement_cut_at_any_write_takes_the_token_out_or_leaves_it;
            random:
                ap13_random_commands_get_documented_answers_and_move_no_value;
            signatures:
                id3_a_licence_with_the_other_signature_is_the_same_licence,
                id3_a_credit_with_the_other_signature_is_loaded_once,
                id3_a_receipt_with_the_other_signature_takes_out_the_same_token,
                id3_an_opening_with_the_other_signature_opens_nothing_twice;
            stores:
                nv9_segments_of_an_older_storing_of_other_places_or_cards_are_refused,
                nv8_no_flipped_bit_of_a_stored_work_is_answered,
                id12_a_segment_of_one_form_is_not_taken_for_one_of_the_other,
                st6_a_stored_work_opens_only_as_its_licence_allows,
                nv10_one_torn_slot_is_survived_and_with_two_the_card_is_locked,
                nv6_two_slots_that_are_garbage_or_alike_are_no_way_in,
                nv7_a_key_memory_of_another_time_or_card_is_not_taken,
                nv11_a_memory_that_fails_or_is_full_changes_nothing_committed,
                nv11_a_memory_that_cannot_be_written_refuses_and_changes_nothing,
                pi12_however_many_commits_the_slots_alternate_and_nothing_grows;
            streams:
                st1_a_segment_with_any_bit_flipped_gives_no_byte,
                st2_no_segment_passes_as_another_one,
                st2_no_segment_of_another_delivery_of_the_same_work_passes,
                st2_one_bad_segment_among_fifteen_good_ones_spoils_them_all,
                st3_neither_the_end_of_a_work_nor_its_length_can_be_moved,
                st4_another_header_opens_nothing,
                st6_nothing_is_decrypted_before_it_is_paid,
                st6_uses_are_counted_before_the_first_byte_and_run_out,
                st8_an_index_beyond_the_end_is_6b00,
                st9_a_second_stream_closes_the_first,
                st5_every_last_byte_is_refused_alike_with_and_without_a_right_tag,
                st7_a_cut_around_the_first_byte_never_gains_a_use;
        }
    };
}

/// Makes the table.
macro_rules! table {
    ($($module:ident: $($name:ident),+;)+) => {
        /// Every attack.
        pub const ALL: &[Attack] = &[$($(
            Attack { name: stringify!($name), play: super::$module::$name },
        )+)+];
    };
}

every_attack!(table);
