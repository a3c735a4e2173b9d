String log = new File(basedir, "build.log").text
assert log.contains('covid.epochs: expected a whole number from 1 to 1000000, found "0"')
assert log.contains('covid.learningRate: expected a number above 0, found "fast"')
assert log.contains("did you mean adam?")
assert !log.contains("\tat ")
