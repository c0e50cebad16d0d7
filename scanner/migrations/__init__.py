"""Files of other scanners, each kind read into `carried.Carried`; nothing is written here."""
