#!/bin/sh
# Answers GnuPG's questions for PINs as a person would who knows both (the Assuan protocol).
pin=123456
echo "OK at your service"
while read -r command rest; do
    case $command in
        SETDESC) case $rest in *Admin*) pin=12345678 ;; *) pin=123456 ;; esac ;;
        GETPIN) echo "D $pin" ;;
        BYE) echo "OK"; exit 0 ;;
    esac
    echo "OK"
done
