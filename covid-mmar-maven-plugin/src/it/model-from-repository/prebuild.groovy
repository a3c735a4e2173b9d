// An earlier build's model would be taken instead of the repository's.
new File(localRepositoryPath, "org/covidmmar/it/models").deleteDir()
