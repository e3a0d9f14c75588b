//! The center: registers works, sells and delivers them, settles payments.
